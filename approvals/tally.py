"""Counting: who has voted, whose vote counts now, who may still vote, and why not."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from approvals import rules
from approvals.approvable import Facts
from approvals.models import ApprovalDecision, ApprovalRequest, Verdict
from approvals.subjects import permission_of
from environments import access
from gitopshq.core.models import ServiceAccount, User


@dataclass(frozen=True, slots=True)
class CountedVote:
    """One live decision, whether it counts now, and if not why."""

    decision: ApprovalDecision
    counts: bool
    reason: str
    lapses_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Where agreement stands at one instant."""

    current: int
    required: int
    votes: tuple[CountedVote, ...]
    falls_below_at: datetime | None

    @property
    def is_met(self) -> bool:
        return self.current >= self.required


def tally(
    request: ApprovalRequest, facts: Facts, *, at: datetime | None = None
) -> Tally:
    """Count the votes on *request* under *facts* at *at* (default: now)."""
    now = at or timezone.now()
    decisions = list(
        request.decisions.filter(
            withdrawn_at=None, voided_at=None, verdict=Verdict.APPROVE
        )
        .select_related("approver")
        .order_by("decided_at", "pk")
    )
    approvers = {d.approver_id for d in decisions}
    eligible = eligible_ids(request, among=approvers) if approvers else set()
    votes = {d.pk: rules.Vote(d.approver_id, d.digest, d.decided_at) for d in decisions}
    counting = rules.counting(
        votes.values(), facts.terms, digest=facts.digest, eligible=eligible, now=now
    )
    rows = tuple(
        CountedVote(
            decision,
            votes[decision.pk] in counting,
            _why_not(votes[decision.pk], facts, eligible, now),
            facts.terms.lapses_at(votes[decision.pk]),
        )
        for decision in decisions
    )
    below = rules.falls_below_at(counting, facts.terms, current=len(counting))
    return Tally(len(counting), facts.required, rows, below)


def _why_not(
    vote: rules.Vote, facts: Facts, eligible: Collection[int], now: datetime
) -> str:
    lapses = facts.terms.lapses_at(vote)
    if vote.digest != facts.digest:
        return "given for other content"
    if lapses is not None and now >= lapses:
        return "lapsed"
    if vote.approver in facts.terms.barred:
        return facts.barred[vote.approver]
    return "" if vote.approver in eligible else "no longer an approver here"


def eligible_ids(
    request: ApprovalRequest, *, among: Collection[int] | None = None
) -> set[int]:
    """Return the ids of active people who hold the vote there (barred ones too)."""
    holders = access.holders_of(permission_of(request), request.environment)
    if among is not None:
        holders = holders.filter(pk__in=among)
    return set(holders.values_list("pk", flat=True))


def is_human(user: User) -> bool:
    """Say whether *user* is a person: service accounts count as their owner."""
    return not ServiceAccount.objects.filter(user=user).exists()
