"""Votes that ran out while more were awaited: they make room, and people hear of it.

What was approved already, and no longer is, goes back by ``reopen_request``.
"""

from typing import Final

from django.db import transaction
from django.utils import timezone

from approvals.approvable import Facts, approvable_for
from approvals.events import ApprovalEvent
from approvals.models import ApprovalDecision, ApprovalRequest, RequestState
from approvals.rules import Terms
from approvals.subjects import lock_request, subject_of
from approvals.tally import standing_votes, tally, vote_of
from gitopshq.core import audit, notifying

LAPSED: Final = "lapsed"
"""Why such a vote does not count any more, as its row says."""


def void_lapsed_votes(*, project_id: int | None = None) -> None:
    """Look at what is pending: whose vote ran out is told, and so is who asked."""
    now = timezone.now()
    standing = standing_votes(ApprovalDecision.objects.all()).filter(
        request__state=RequestState.PENDING, request__expiry_hours__isnull=False
    )
    if project_id is not None:
        standing = standing.filter(request__environment__project=project_id)
    found = {
        vote.request_id: vote.request
        for vote in standing.select_related("request__environment__project")
        if Terms(0, vote.request.expiry_hours).has_lapsed(vote_of(vote), now)
    }
    for request in found.values():
        _void(request)


@transaction.atomic
def _void(request: ApprovalRequest) -> None:
    request = lock_request(request)
    if request.state != RequestState.PENDING:
        return
    subject = subject_of(request)
    facts = approvable_for(subject).facts(subject)
    tell_of_lapsed(request, facts, void_lapsed(request, facts))


def void_lapsed(request: ApprovalRequest, facts: Facts) -> list[ApprovalDecision]:
    """Make room for votes that must be given again; return those that ran out.

    The caller holds the project lock.
    """
    now = timezone.now()
    lapsed = [
        vote.decision
        for vote in tally(request, facts, at=now).votes
        if vote.lapses_at is not None and now >= vote.lapses_at
    ]
    request.decisions.filter(pk__in=[decision.pk for decision in lapsed]).update(
        voided_at=now, void_reason=LAPSED
    )
    return lapsed


def tell_of_lapsed(
    request: ApprovalRequest, facts: Facts, lapsed: list[ApprovalDecision]
) -> None:
    """Put on record whose votes ran out, and tell them and whoever asked."""
    if not lapsed:
        return
    count, voters = tally(request, facts), [one.approver for one in lapsed]
    names = ", ".join(sorted(voter.label for voter in voters))
    audit.record(
        ApprovalEvent.VOTES_LAPSED,
        request,
        actor=None,
        project=request.project,
        votes=sorted(voter.username for voter in voters),
    )
    notifying.notify(
        [request.requester, *voters],
        ApprovalEvent.VOTES_LAPSED,
        project=request.project,
        title=f"Approval lapsed: {request}",
        body=f"By {names}. It has {count.current} of {count.required} now.",
        url=request.get_absolute_url(),
    )
