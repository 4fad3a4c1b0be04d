"""Cancelling a release before it is deployed. Nothing is deleted."""

from typing import Final

from django.db import transaction

from approvals.actions import cancel_request
from environments import access
from environments.permissions import Permission
from gitopshq.core import audit, notifying
from gitopshq.core.models import User
from releases.claims import release_claims
from releases.events import ReleaseEvent
from releases.locking import lock_release
from releases.models import CancelKind, Release

LONGEST_REASON: Final = 2_000
"""Characters of why a release was cancelled."""
CANCELLED_FIELDS = [
    "status",
    "cancel_kind",
    "cancel_reason",
    "cancelled_by",
    "cancelled_at",
]


@transaction.atomic
def cancel_release(
    release: Release,
    *,
    actor: User,
    reason: str = "",
    kind: CancelKind = CancelKind.CANCELLED,
) -> Release:
    """Withdraw a release; its changes return to the pool, its votes are voided.

    The author may cancel their own; others need ``releases.cancel``.

    :raises NotPermitted: for others without the permission
    :raises InvalidState: once it is being deployed, or over
    """
    release = lock_release(release)
    if actor.pk != release.author_id:
        access.require(actor, Permission.CANCEL_RELEASE, on=release.target.environment)
    was = release.status
    release.cancel(kind=kind, reason=reason, by=actor)
    release.save(update_fields=CANCELLED_FIELDS)
    release_claims(release)
    cancel_request(release, actor=actor, reason=reason)
    audit.record(
        ReleaseEvent.CANCELLED,
        release,
        actor=actor,
        project=release.project.slug,
        before={"state": was},
        after={"state": release.status},
        kind=kind,
        reason=reason,
    )
    if actor.pk != release.author_id:
        notifying.notify(
            [release.author],
            ReleaseEvent.CANCELLED,
            project=release.project.slug,
            title=f"Cancelled by {actor.label}: {release}",
            body=reason,
            url=release.get_absolute_url(),
        )
    return release
