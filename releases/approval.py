"""What approval does to a release: our side of ``approvals.approvable``."""

from typing import Any, Final

from approvals.approvable import Approvable
from environments.permissions import Permission
from gitopshq.core import audit, notifying
from gitopshq.core.models import User
from releases import quorum
from releases.bells import ring_soon
from releases.claims import release_claims
from releases.cutting import frozen_document
from releases.events import ReleaseEvent
from releases.models import CancelKind, Release
from releases.refusals import rendering_refusal
from releases.selectors.peek import peek_at_release

_REJECTED: Final = "release.rejected"
"""What the author is told; the release's own history says cancelled."""


def check_ready(release: Release) -> None:
    """Refuse a vote while there is nothing rendered that it could bind to.

    :raises RenderingNotReady: while the rendering is being made
    :raises Unprocessable: with every error, where it failed
    """
    refusal = rendering_refusal(release.rendering)
    if refusal is not None:
        raise refusal


def grant(release: Release, /, *, actor: User | None, note: str) -> None:
    """Approve the release; the request's transaction holds the project lock."""
    release.approve()
    release.save(update_fields=["status", "approved_at", "auto_refusal"])
    audit.record(
        ReleaseEvent.APPROVED,
        release,
        actor=actor,
        project=release.project.slug,
        note=note,
        digest=release.digest,
    )
    _tell_author(release, ReleaseEvent.APPROVED, f"Approved: {release}", actor)
    if quorum.terms_of(release).deploys_itself:
        ring_soon("deploy_approved", release_id=release.pk)


def refuse(release: Release, /, *, actor: User | None, note: str) -> None:
    """Cancel the release: there is no status of its own for a rejection."""
    release.cancel(kind=CancelKind.REJECTED, reason=note, by=actor)
    release.save(
        update_fields=[
            "status",
            "cancel_kind",
            "cancel_reason",
            "cancelled_by",
            "cancelled_at",
        ]
    )
    release_claims(release)
    audit.record(
        ReleaseEvent.CANCELLED,
        release,
        actor=actor,
        project=release.project.slug,
        kind=CancelKind.REJECTED,
        reason=note,
    )
    _tell_author(release, _REJECTED, f"Rejected: {release}", actor, body=note)


def circumstances(release: Release) -> dict[str, Any]:
    """Return what is written down with each vote: the freeze at that moment."""
    return {"frozen": frozen_document(release.target)}


def _tell_author(
    release: Release, event: str, title: str, actor: User | None, *, body: str = ""
) -> None:
    if actor is None or actor.pk != release.author_id:
        notifying.notify(
            [release.author],
            event,
            project=release.project.slug,
            title=title,
            body=body,
            url=release.get_absolute_url(),
        )


APPROVABLE_RELEASE = Approvable(
    model=Release,
    permission=Permission.APPROVE_RELEASE,
    template="releases/_peek.html",
    peek=peek_at_release,
    facts=quorum.facts_of,
    check_ready=check_ready,
    grant=grant,
    refuse=refuse,
    circumstances=circumstances,
)
