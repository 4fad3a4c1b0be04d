"""Approved releases whose approval no longer suffices go back to pending."""

from django.db import transaction

from approvals.actions import open_request, reopen_request
from gitopshq.core import audit
from releases import quorum
from releases.events import ReleaseEvent
from releases.locking import lock_release
from releases.models import Release, Status


def reopen_lapsed() -> None:
    """Look at every approved release: votes lapse, policies tighten, people leave."""
    approved = Release.objects.filter(status=Status.APPROVED).order_by("pk")
    for release in approved.select_related("project").iterator():
        reopen_if_short(release)


@transaction.atomic
def reopen_if_short(release: Release) -> bool:
    """Send *release* back for approval if its live votes are below the quorum.

    The same request is opened again; votes that still count are kept.
    """
    release = lock_release(release)
    if release.status != Status.APPROVED:
        return False
    request, facts, tally = quorum.progress_of(release)
    if tally.is_met:
        return False
    release.reopen()
    release.save(update_fields=["status", "approved_at"])
    reason = f"{tally.current} of {facts.required} approvals count now"
    if request is None:
        open_request(release, actor=None)
    else:
        reopen_request(request, actor=None, reason=reason)
    audit.record(
        ReleaseEvent.REOPENED,
        release,
        actor=None,
        project=release.project.slug,
        reason=reason,
    )
    return True
