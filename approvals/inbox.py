"""The inbox: what waits for agreement, for whom, and why not for others.

Reads one table: what approvers must know of a subject was copied onto its request.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from approvals import errors
from approvals.models import ApprovalDecision, ApprovalRequest, RequestState, Verdict
from approvals.tally import is_human
from environments import access
from environments.permissions import Permission
from gitopshq.core.errors import NotFound, NotPermitted
from gitopshq.core.models import User


def requests_for(
    user: User,
    *,
    kind: str = "",
    project: str = "",
    environment: str = "",
    requester: str = "",
    eligible: bool | None = None,
) -> QuerySet[ApprovalRequest]:
    """Return the pending requests *user* may view, narrowed by what is given.

    ``eligible`` True leaves those that *user* could decide now.
    """
    rows = _visible(user).filter(state=RequestState.PENDING)
    wanted = {
        "kind": kind,
        "project": project,
        "environment__slug": environment,
        "requester__username": requester,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if eligible is None:
        return rows
    mine = decidable_by(user)
    return rows.filter(mine) if eligible else rows.exclude(mine)


def decidable_by(user: User) -> Q:
    """Return the condition: *user* holds the vote, is not barred, has not voted."""
    if not user.is_active or not is_human(user):
        return Q(pk__in=[])
    voted = ApprovalDecision.objects.filter(
        request=OuterRef("pk"), approver=user, withdrawn_at=None, voided_at=None
    )
    barred = Q(block_self_approval=True, barred__has_key=str(user.pk))
    voting = access.environments_open_to(user, Permission.APPROVE_RELEASE)
    return Q(environment__in=voting) & ~barred & ~Q(Exists(voted))


def visible_request(user: User, pk: int, *, project: str = "") -> ApprovalRequest:
    """Return one request, whatever its state.

    :raises NotFound: when there is none that *user* may view
    """
    rows = _visible(user).filter(pk=pk)
    found = (rows.filter(project=project) if project else rows).first()
    if found is None:
        raise NotFound
    return found


def rows_of(requests: Sequence[ApprovalRequest], user: User) -> list[dict[str, Any]]:
    """Return requests as the inbox shows them to *user*, in a few queries."""
    keys = [request.pk for request in requests]
    standing: dict[int, list[ApprovalDecision]] = {}
    decisions = ApprovalDecision.objects.filter(
        request__in=keys, verdict=Verdict.APPROVE, withdrawn_at=None, voided_at=None
    )
    for decision in decisions:
        standing.setdefault(decision.request_id, []).append(decision)
    voting = set(
        access.environments_open_to(user, Permission.APPROVE_RELEASE)
        .filter(pk__in={request.environment_id for request in requests})
        .values_list("pk", flat=True)
    )
    human = is_human(user)
    rows = []
    for request in requests:
        votes = standing.get(request.pk, [])
        barred = _why_barred(request, user, votes_here=voting, human=human)
        reason = barred or _why_not(request, user, votes)
        rows.append(_row(request, votes, barred=barred, reason=reason))
    return rows


def _row(
    request: ApprovalRequest,
    votes: Sequence[ApprovalDecision],
    *,
    barred: str,
    reason: str,
) -> dict[str, Any]:
    """*barred* says why no decision is theirs, *reason* why no approval is."""
    facts = request.facts
    return {
        "id": request.pk,
        "kind": request.kind,
        "state": request.state,
        "project": request.project,
        "target": facts.get("target", ""),
        "title": str(request),
        "requester": request.requester.username,
        "created_at": request.created_at,
        "current": sum(vote.digest == request.digest for vote in votes),
        "required": request.required,
        "summary": facts.get("summary", {}),
        "digest": request.digest or None,
        "eligible": not reason,
        "reason_not_eligible": reason,
        "url": facts.get("url", ""),
        "allowed_actions": [
            {"action": action, "allowed": not why, "reason": why}
            for action, why in (("approve", reason), ("reject", barred))
        ],
    }


def _why_barred(
    request: ApprovalRequest, user: User, *, votes_here: set[int], human: bool
) -> str:
    """Return the refusal any decision would meet, in the order of domain 8."""
    if request.state != RequestState.PENDING:
        return "it is decided"
    if not human:
        return str(errors.NotEligible(reason="service accounts do not vote"))
    if request.environment_id not in votes_here:
        return str(NotPermitted(permission=Permission.APPROVE_RELEASE.value))
    barred = request.barred if request.block_self_approval else {}
    if str(user.pk) in barred:
        return str(errors.SelfApprovalBlocked(reason=f"you {barred[str(user.pk)]}"))
    return ""


def _why_not(
    request: ApprovalRequest, user: User, votes: Sequence[ApprovalDecision]
) -> str:
    """Return the refusal an approval by one who may decide would meet."""
    if any(vote.approver_id == user.pk for vote in votes):
        return str(errors.AlreadyVoted())
    return "" if request.digest else "it is still being rendered"


def _visible(user: User) -> QuerySet[ApprovalRequest]:
    seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
    return ApprovalRequest.objects.filter(environment__in=seen).select_related(
        "requester", "environment__project"
    )
