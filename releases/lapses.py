"""Approved releases whose approval no longer suffices go back to pending."""

from django.db import transaction

from approvals.actions import open_request, refresh_request, reopen_request
from approvals.actions.lapsing import void_lapsed_votes
from approvals.subjects import request_for
from gitopshq.core import audit, notifying
from releases import quorum
from releases.events import ReleaseEvent
from releases.locking import fresh, lock_release
from releases.models import Release, Status


def reopen_lapsed(*, project_id: int | None = None) -> None:
    """Look at approved releases: votes lapse, policies tighten, people leave.

    Of what is pending still, whoever must vote again is told.
    """
    void_lapsed_votes(project_id=project_id)
    approved = Release.objects.filter(status=Status.APPROVED)
    if project_id is not None:
        approved = approved.filter(project=project_id)
    for release in approved.order_by("pk").select_related("project").iterator():
        reopen_if_short(release)


@transaction.atomic
def rejudge(environment: int, /) -> None:
    """Ask anew what was or is to be approved in an environment: its policy changed.

    What waits learns how many votes it needs now; what was approved goes back if it
    has too few. The caller holds the project lock.
    """
    waiting = (Status.PENDING_APPROVAL, Status.APPROVED)
    found = Release.objects.filter(target__environment=environment, status__in=waiting)
    for pk in found.order_by("pk").values_list("pk", flat=True):
        release = fresh(pk)
        if release.status == Status.APPROVED:
            reopen_if_short(release)
        else:
            refresh_request(release, actor=None)


@transaction.atomic
def reopen_if_short(release: Release) -> bool:
    """Send *release* back for approval if its live votes are below the quorum.

    The same request is opened again; votes that still count are kept.
    """
    release = lock_release(release)
    if release.status != Status.APPROVED:
        return False
    facts, tally = quorum.progress_of(release)
    if tally.is_met:
        return False
    reopen(release, reason=f"{tally.current} of {facts.required} approvals count now")
    return True


def reopen(release: Release, *, reason: str) -> None:
    """Send an approved *release* back; the caller holds the project lock."""
    release.reopen()
    release.save(update_fields=["status", "approved_at"])
    request = request_for(release)
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
    notifying.notify(
        [release.author],
        ReleaseEvent.REOPENED,
        project=release.project.slug,
        title=f"Needs approval again: {release}",
        body=reason,
        url=release.get_absolute_url(),
    )
