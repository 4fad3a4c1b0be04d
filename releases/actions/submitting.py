"""Submitting a draft for approval; where none is needed the system approves."""

from django.db import transaction

from approvals.actions import open_request
from environments import access
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.models import User
from releases import approval, errors, quorum
from releases.events import ReleaseEvent
from releases.locking import lock_release
from releases.models import Release
from releases.staleness import staleness_of


@transaction.atomic
def submit_release(release: Release, *, actor: User) -> Release:
    """Ask for approval of what the draft holds.

    :raises NotPermitted: without ``releases.create``
    :raises InvalidState: unless the release is a draft
    :raises StaleSource: when the source has moved since it was cut
    :raises RenderingNotReady: while it is being rendered
    :raises Unprocessable: with every error, where it cannot be rendered
    """
    release = lock_release(release)
    access.require(actor, Permission.CREATE_RELEASE, on=release.target.environment)
    release.submit()
    stale = staleness_of(release)
    if stale is not None:
        raise errors.StaleSource(moved=stale.words, details=stale.to_json())
    approval.check_ready(release)

    release.save(update_fields=["status", "submitted_at"])
    audit.record(
        ReleaseEvent.SUBMITTED,
        release,
        actor=actor,
        project=release.project.slug,
        digest=release.digest,
    )
    terms = quorum.terms_of(release)
    if terms.is_gated:
        open_request(release, actor=actor)
    else:
        why = "auto-approve" if terms.auto_approve else "no approvals required"
        approval.grant(release, actor=None, note=why)
    return release
