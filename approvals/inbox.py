"""The inbox: requests as one reader sees them, for the page and the API alike.

Reads one table and the votes: what approvers must know of a subject was copied onto
its request. A peek, at one request, may ask the subject's own app.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from approvals import errors
from approvals.approvable import approvable_of
from approvals.models import ApprovalDecision, ApprovalRequest, RequestState, Verdict
from approvals.rules import Terms
from approvals.selectors import VOTE
from approvals.tally import Tally, count_votes, is_human, standing_votes
from environments import access
from environments.policy_words import listed, too_few
from environments.selectors.voters import voters_in
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import User

_NAMES_SHOWN: Final = 3
_NOTHING_TO_VOTE_ON: Final = "there is nothing to vote on yet: it is not rendered"


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A request with its votes counted now, and what its reader may do."""

    request: ApprovalRequest
    tally: Tally
    approvers: tuple[User, ...]
    """Who can vote on it or has, by user name."""
    bar: str
    """Why no decision is the reader's; empty where they may reject."""
    reason: str
    """Why the reader cannot approve; empty where they can."""
    has_voted: bool

    @property
    def is_eligible(self) -> bool:
        return not self.reason

    @property
    def may_reject(self) -> bool:
        return not self.bar

    @property
    def is_pending(self) -> bool:
        return self.request.state == RequestState.PENDING

    @property
    def names(self) -> str:
        """Who can vote on it or has, in a few words."""
        labels = [person.label for person in self.approvers]
        return listed(labels, most=_NAMES_SHOWN) if labels else "nobody"

    @property
    def shortage(self) -> str:
        """Why nobody will ever get it through: fewer people can vote than must."""
        if not self.is_pending:
            return ""
        labels = [person.label for person in self.approvers]
        return too_few(self.request.required, labels)

    @property
    def is_stale(self) -> bool:
        return bool(self.request.facts.get("stale"))

    @property
    def violations(self) -> list[str]:
        """What the client's own policy result denies."""
        return list(self.request.facts.get("violations", []))

    @property
    def summary(self) -> dict[str, int]:
        """The number of changes by type."""
        return dict(self.request.facts.get("summary", {}))

    @property
    def box(self) -> str:
        """What ticking it sends: which request, with what content."""
        return f"{self.request.pk}@{self.request.digest}"

    @property
    def progress_words(self) -> str:
        words = self.request.get_state_display()
        return f"{words} {self.tally.current}/{self.request.required}"

    @property
    def lapses_at(self) -> datetime | None:
        """When the first of the counting votes lapses."""
        votes = (vote for vote in self.tally.votes if vote.counts)
        return min((v.lapses_at for v in votes if v.lapses_at), default=None)

    @property
    def document(self) -> dict[str, Any]:
        """The row by Python names, for the API."""
        request, facts = self.request, self.request.facts
        decisions = (("approve", self.reason), ("reject", self.bar))
        return {
            "id": request.pk,
            "kind": request.kind,
            "state": request.state,
            "project": request.project,
            "target": facts.get("target", ""),
            "title": str(request),
            "requester": request.requester.username,
            "created_at": request.created_at,
            "current": self.tally.current,
            "required": request.required,
            "able": len(self.approvers),
            "eligible_approvers": [person.username for person in self.approvers],
            "shortage": self.shortage,
            "lapses_at": self.lapses_at,
            "summary": self.summary,
            "stale": self.is_stale,
            "violations": self.violations,
            "digest": request.digest or None,
            "eligible": self.is_eligible,
            "reason_not_eligible": self.reason,
            "url": facts.get("url", ""),
            "allowed_actions": [
                {"action": action, "allowed": not why, "reason": why}
                for action, why in decisions
            ],
        }


def inbox_rows(requests: Iterable[ApprovalRequest], user: User) -> list[InboxRow]:
    """Return *requests* as *user* sees them, in two queries however many they are."""
    rows = list(requests)
    votes: dict[int, list[ApprovalDecision]] = {row.pk: [] for row in rows}
    decisions = ApprovalDecision.objects.filter(request__in=votes)
    for decision in standing_votes(decisions).order_by("decided_at", "pk"):
        votes[decision.request_id].append(decision)
    voters = voters_in({row.environment_id for row in rows})
    human = is_human(user)
    return [
        _row(
            row,
            votes[row.pk],
            user,
            voters=voters.get(row.environment_id, {}),
            human=human,
        )
        for row in rows
    ]


def _row(
    request: ApprovalRequest,
    decisions: Sequence[ApprovalDecision],
    user: User,
    *,
    voters: Mapping[int, User],
    human: bool,
) -> InboxRow:
    reasons = {int(pk): str(why) for pk, why in request.barred.items()}
    barred = reasons if request.block_self_approval else {}
    tally = count_votes(
        decisions,
        Terms(request.required, request.expiry_hours, frozenset(barred)),
        digest=request.digest,
        barred=reasons,
        eligible=voters,
    )
    has_voted = any(
        vote.decision.approver_id == user.pk and vote.reason != "lapsed"
        for vote in tally.votes
    )
    bar = (
        _bar(request, user, voters=voters, barred=barred)
        if human
        else str(errors.NotEligible(reason="service accounts do not vote"))
    )
    reason = bar
    if not bar and has_voted:
        reason = str(errors.AlreadyVoted())
    elif not bar and not request.digest:
        reason = _NOTHING_TO_VOTE_ON
    approvers = tuple(one for pk, one in voters.items() if pk not in barred)
    return InboxRow(request, tally, approvers, bar, reason, has_voted)


def _bar(
    request: ApprovalRequest,
    user: User,
    *,
    voters: Collection[int],
    barred: Mapping[int, str],
) -> str:
    """Return the refusal any decision of a person meets, in the order of domain 8."""
    if request.state != RequestState.PENDING:
        noun = request.get_kind_display().lower()
        return str(InvalidState(noun=noun, participle="approved"))
    if user.pk not in voters:
        return str(NotPermitted(permission=VOTE.value))
    if user.pk in barred:
        return str(errors.SelfApprovalBlocked(reason=barred[user.pk]))
    return ""


@dataclass(frozen=True, slots=True)
class Peek:
    """One request with its voters, and what its own app shows of the subject."""

    row: InboxRow
    voters: list[dict[str, Any]]
    template: str
    subject: Mapping[str, Any]

    @property
    def approval(self) -> dict[str, Any]:
        """What the fragment of votes takes."""
        return {
            "current": self.row.tally.current,
            "required": self.row.request.required,
            "voters": self.voters,
        }


def peek_at(request: ApprovalRequest, user: User) -> Peek:
    """Return what *user* must see of *request* to decide."""
    [row] = inbox_rows([request], user)
    model = request.subject_type.model_class()
    assert model is not None
    port = approvable_of(model)
    subject = port.peek(request.subject_id, user) if port.peek else {}
    return Peek(row, _voters(row), port.template, subject)


def _voters(row: InboxRow) -> list[dict[str, Any]]:
    """Return who has voted, and while it is open who may still, or may not and why."""
    request = row.request
    shown: list[dict[str, Any]] = [
        {
            "who": vote.decision.approver,
            "vote": "approve" if vote.counts else "open",
            "said": vote.decision.comment,
            "at": vote.decision.decided_at,
            "lapses_at": vote.lapses_at if row.is_pending else None,
            "why": "" if vote.counts else f"Does not count: {vote.reason}",
        }
        for vote in row.tally.votes
    ]
    against = request.decisions.filter(verdict=Verdict.REJECT, withdrawn_at=None)
    shown += [
        {
            "who": decision.approver,
            "vote": "reject",
            "said": decision.comment,
            "at": decision.decided_at,
        }
        for decision in against.select_related("approver").order_by("pk")
    ]
    if not row.is_pending:
        return shown
    barred = request.barred if request.block_self_approval else {}
    known = [one["who"].pk for one in shown]
    people = access.holders_of(VOTE, request.environment).exclude(pk__in=known)
    missing = [
        {
            "who": person,
            "vote": "barred" if str(person.pk) in barred else "open",
            "why": barred.get(str(person.pk), ""),
        }
        for person in people.order_by("username")
    ]
    return shown + sorted(missing, key=lambda one: one["vote"] == "barred")
