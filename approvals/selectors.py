"""Questions about requests for agreement: the inbox, and what waits for whom."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from approvals import rules
from approvals.models import (
    ApprovalDecision,
    ApprovalRequest,
    RequestState,
    Verdict,
)
from approvals.rules import Terms, Vote
from environments import access
from environments.permissions import Permission
from environments.selectors.voters import voters_in
from gitopshq.core.models import ServiceAccount, User

VOTE = Permission.APPROVE_RELEASE


def waiting_for(user: User) -> QuerySet[ApprovalRequest]:
    """Return the pending requests that *user* could approve now.

    Those with something to vote on, in environments where they hold the vote, on which
    they are not barred and no vote of theirs stands. Two queries count them.
    """
    open_here = access.environments_open_to(user, VOTE)
    if is_robot(user):
        return ApprovalRequest.objects.none()
    rows = visible_to(user).filter(
        state=RequestState.PENDING, environment__in=open_here
    )
    return (
        rows.exclude(digest="")
        .exclude(block_self_approval=True, barred__has_key=str(user.pk))
        .exclude(pk__in=_voted_on(user))
    )


def visible_to(user: User) -> QuerySet[ApprovalRequest]:
    """Return the requests of environments that *user* may view."""
    seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
    return ApprovalRequest.objects.filter(environment__in=seen)


def open_requests(
    user: User,
    *,
    project: str = "",
    environment: str = "",
    requester: str = "",
    kind: str = "",
    eligible: bool = False,
) -> QuerySet[ApprovalRequest]:
    """Return the pending requests *user* may view, narrowed by all that is given.

    :param requester: a user name
    :param eligible: only those that wait for *user*
    """
    rows = waiting_for(user) if eligible else visible_to(user)
    wanted = {
        "project": project,
        "environment__slug": environment,
        "requester__username": requester,
        "kind": kind,
    }
    given = {name: value for name, value in wanted.items() if value}
    return rows.filter(state=RequestState.PENDING, **given)


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A request as the inbox shows it, with the live count and what one may do."""

    request: ApprovalRequest
    current: int
    reason: str
    """Why the reader cannot approve; empty where they can."""
    has_voted: bool
    may_reject: bool
    lapses_at: datetime | None
    """When the first of the counting votes lapses."""

    @property
    def is_eligible(self) -> bool:
        return not self.reason

    @property
    def summary(self) -> list[tuple[str, int]]:
        """The number of changes by type."""
        counts = self.request.facts.get("summary", {})
        return [(str(kind), int(count)) for kind, count in counts.items()]


def inbox_rows(
    requests: QuerySet[ApprovalRequest] | Sequence[ApprovalRequest],
    user: User,
    *,
    at: datetime | None = None,
) -> list[InboxRow]:
    """Return *requests* with their votes counted, in two queries more than theirs."""
    now = at or timezone.now()
    rows = list(requests)
    votes: dict[int, list[ApprovalDecision]] = defaultdict(list)
    live = ApprovalDecision.objects.filter(
        request__in=[row.pk for row in rows], withdrawn_at=None, voided_at=None
    )
    for decision in live.order_by("decided_at", "pk"):
        votes[decision.request_id].append(decision)
    eligible = voters_in({row.environment_id for row in rows})
    robot = is_robot(user)
    return [
        _row(
            row,
            votes[row.pk],
            user,
            frozenset() if robot else eligible.get(row.environment_id, frozenset()),
            eligible.get(row.environment_id, frozenset()),
            now,
        )
        for row in rows
    ]


def with_people(rows: QuerySet[ApprovalRequest]) -> QuerySet[ApprovalRequest]:
    """Select what a row shows besides its own columns."""
    return rows.select_related("environment__project", "requester")


def is_robot(user: User) -> bool:
    """Say whether *user* is a service account, which never votes."""
    try:
        return bool(user.service_account)
    except ServiceAccount.DoesNotExist:
        return False


def _row(
    request: ApprovalRequest,
    decisions: Iterable[ApprovalDecision],
    user: User,
    mine: frozenset[int],
    eligible: frozenset[int],
    now: datetime,
) -> InboxRow:
    approving = [row for row in decisions if row.verdict == Verdict.APPROVE]
    barred = {int(pk): str(why) for pk, why in request.barred.items()}
    binds = frozenset(barred) if request.block_self_approval else frozenset()
    terms = Terms(request.required, request.expiry_hours, binds)
    counting = rules.counting(
        [Vote(row.approver_id, row.digest, row.decided_at) for row in approving],
        terms,
        digest=request.digest,
        eligible=eligible,
        now=now,
    )
    has_voted = any(
        row.approver_id == user.pk and not _has_lapsed(row, terms, now)
        for row in approving
    )
    may_vote = user.pk in mine and user.pk not in binds
    lapses = [at for vote in counting if (at := terms.lapses_at(vote)) is not None]
    if user.pk not in mine:
        reason = f"Needs the permission {VOTE.value}"
    elif user.pk in binds:
        reason = f"You {barred[user.pk]}"
    elif has_voted:
        reason = "You have voted"
    elif not request.digest:
        reason = "Nothing to vote on yet: its manifests are not rendered"
    else:
        reason = ""
    return InboxRow(
        request,
        len(counting),
        reason,
        has_voted=has_voted,
        may_reject=may_vote,
        lapses_at=min(lapses, default=None),
    )


def _has_lapsed(row: ApprovalDecision, terms: Terms, now: datetime) -> bool:
    ends = terms.lapses_at(Vote(row.approver_id, row.digest, row.decided_at))
    return ends is not None and ends <= now


def _voted_on(user: User) -> list[int]:
    """Return the pending requests on which a vote of *user* stands: few, by nature."""
    now = timezone.now()
    live = ApprovalDecision.objects.filter(
        request__state=RequestState.PENDING,
        approver=user,
        withdrawn_at=None,
        voided_at=None,
    )
    return [
        row.request_id
        for row in live.select_related("request")
        if not _has_lapsed(row, Terms(0, row.request.expiry_hours), now)
    ]
