"""Counting: who has voted, whose vote counts now, who may still vote, and why not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db.models import Manager, Model, QuerySet
from django.utils import timezone

from approvals import rules
from approvals.approvable import Facts
from approvals.models import ApprovalDecision, ApprovalRequest, Verdict
from approvals.subjects import permission_of
from environments import access
from gitopshq.core.models import User


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
    decisions = list(standing_votes(request.decisions).order_by("decided_at", "pk"))
    approvers = {decision.approver_id for decision in decisions}
    return count_votes(
        decisions,
        facts.terms,
        digest=facts.digest,
        barred=facts.barred,
        eligible=eligible_ids(request, among=approvers) if approvers else set(),
        at=at,
    )


def count_votes(
    decisions: Sequence[ApprovalDecision],
    terms: rules.Terms,
    *,
    digest: str,
    barred: Mapping[int, str],
    eligible: Collection[int],
    at: datetime | None = None,
) -> Tally:
    """Count approving *decisions*, oldest first, that stand, without any query.

    *digest* is that of the content now, *barred* says why by user id, *eligible* holds
    the ids of those who hold the vote.
    """
    now = at or timezone.now()
    votes = {decision.pk: vote_of(decision) for decision in decisions}
    counting = rules.counting(
        votes.values(), terms, digest=digest, eligible=eligible, now=now
    )
    rows = tuple(
        CountedVote(
            decision,
            vote in counting,
            _why_not(vote, terms, digest, barred, eligible, now),
            terms.lapses_at(vote),
        )
        for decision in decisions
        for vote in [votes[decision.pk]]
    )
    below = rules.falls_below_at(counting, terms, current=len(counting))
    return Tally(len(counting), terms.required, rows, below)


def standing_votes(
    decisions: "QuerySet[ApprovalDecision] | Manager[ApprovalDecision]",
) -> QuerySet[ApprovalDecision]:
    """Return the approving ones that are neither withdrawn nor voided."""
    return decisions.filter(
        withdrawn_at=None, voided_at=None, verdict=Verdict.APPROVE
    ).select_related("approver")


def decisions_on(subject: Model) -> list[ApprovalDecision]:
    """Return all that was ever decided on *subject*, oldest first, with by whom.

    The request is selected with each: one query tells of it all.
    """
    rows = ApprovalDecision.objects.filter(
        request__subject_type=ContentType.objects.get_for_model(subject),
        request__subject_id=subject.pk,
    )
    found = rows.select_related("approver", "request")
    return list(found.order_by("decided_at", "pk"))


def stands(decision: ApprovalDecision) -> bool:
    """Say whether it approves and was neither withdrawn nor voided."""
    ended = decision.withdrawn_at or decision.voided_at
    return ended is None and decision.verdict == Verdict.APPROVE


def vote_of(decision: ApprovalDecision) -> rules.Vote:
    """Return a decision as the rules take it."""
    return rules.Vote(decision.approver_id, decision.digest, decision.decided_at)


def _why_not(
    vote: rules.Vote,
    terms: rules.Terms,
    digest: str,
    barred: Mapping[int, str],
    eligible: Collection[int],
    now: datetime,
) -> str:
    if vote.digest != digest:
        return "given for other content"
    if terms.has_lapsed(vote, now):
        return "lapsed"
    if vote.approver in terms.barred:
        return barred[vote.approver]
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
    return getattr(user, "service_account", None) is None
