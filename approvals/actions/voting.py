"""Votes: given, withdrawn, counted, and what follows from them (domain 8).

Each takes the project lock first, so simultaneous votes count once each and one of
them makes the transition.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from approvals import errors
from approvals.actions.lapsing import tell_of_lapsed, void_lapsed
from approvals.actions.opening import refresh_request
from approvals.approvable import Approvable, Facts, approvable_for
from approvals.events import ApprovalEvent
from approvals.models import ApprovalDecision, ApprovalRequest, RequestState, Verdict
from approvals.subjects import lock_request, permission_of, subject_of
from approvals.tally import Tally, is_human, tally
from environments import access
from gitopshq.core import audit
from gitopshq.core.errors import InvalidState, NotPermitted, ReasonRequired
from gitopshq.core.models import User


@transaction.atomic
def approve(
    request: ApprovalRequest,
    *,
    actor: User,
    digest: str,
    comment: str = "",
    by_token: bool = False,
) -> ApprovalRequest:
    """Vote for exactly what was shown: the content of *digest*.

    Refusals in the order of domain 8.

    :raises InvalidState: unless the request is pending
    :raises NotEligible: for tokens and service accounts
    :raises NotPermitted: without the permission, as a person who is active there
    :raises SelfApprovalBlocked: for authors and editors, where the policy says so
    :raises AlreadyVoted: when a vote of *actor* stands that has not lapsed
    :raises DigestMismatch: when the content is another one now
    """
    request, subject, port, facts = _open(request, "approved")
    _check_eligible(request, facts, actor, by_token=by_token)
    lapsed = void_lapsed(request, facts)
    if _live_vote(request, actor):
        raise errors.AlreadyVoted
    port.check_ready(subject)
    if digest != facts.digest:
        raise errors.DigestMismatch(details={"digest": facts.digest})
    others = [decision for decision in lapsed if decision.approver_id != actor.pk]
    tell_of_lapsed(request, facts, others)

    circumstances = port.circumstances(subject)
    ApprovalDecision.objects.create(
        request=request,
        approver=actor,
        verdict=Verdict.APPROVE,
        digest=digest,
        comment=comment,
        freeze=circumstances.get("frozen"),
        decided_at=timezone.now(),
    )
    _record(
        ApprovalEvent.VOTED,
        request,
        actor,
        digest=digest,
        comment=comment,
        **circumstances,
    )
    count = tally(request, facts)
    if count.is_met:
        _grant(request, subject, port, actor=actor, count=count)
    return request


@transaction.atomic
def complete_approval(
    request: ApprovalRequest, *, actor: User | None
) -> ApprovalRequest:
    """Draw the conclusion from votes that already stand; None is the system.

    :raises InvalidState: unless the request is pending
    :raises NotPermitted: without the permission to approve
    :raises Conflict: the subject's own, while votes are missing
    """
    request, subject, port, facts = _open(request, "approved")
    access.require(actor, permission_of(request), on=request.environment)
    port.check_ready(subject)
    count = tally(request, facts)
    if not count.is_met:
        raise errors.ThresholdNotMet(current=count.current, required=count.required)
    _grant(request, subject, port, actor=actor, count=count)
    return request


@transaction.atomic
def reject(
    request: ApprovalRequest,
    *,
    actor: User,
    reason: str,
    by_token: bool = False,
) -> ApprovalRequest:
    """Say no: one rejection ends the request and its subject.

    :raises InvalidState: unless the request is pending
    :raises NotEligible: for tokens and service accounts
    :raises NotPermitted: without the permission
    :raises SelfApprovalBlocked: for authors and editors, where the policy says so
    :raises ReasonRequired: without a reason
    """
    request, subject, port, facts = _open(request, "rejected")
    _check_eligible(request, facts, actor, by_token=by_token)
    if not reason.strip():
        raise ReasonRequired
    now = timezone.now()
    request.decisions.filter(approver=actor, withdrawn_at=None, voided_at=None).update(
        withdrawn_at=now
    )
    circumstances = port.circumstances(subject)
    ApprovalDecision.objects.create(
        request=request,
        approver=actor,
        verdict=Verdict.REJECT,
        digest=facts.digest,
        comment=reason,
        freeze=circumstances.get("frozen"),
        decided_at=now,
    )
    _close(request, RequestState.REJECTED)
    _record(
        ApprovalEvent.REJECTED,
        request,
        actor,
        reason=reason,
        **circumstances,
    )
    port.refuse(subject, actor=actor, note=reason)
    return request


@transaction.atomic
def withdraw_vote(request: ApprovalRequest, *, actor: User) -> ApprovalRequest:
    """Take one's own vote back while the request is pending.

    :raises InvalidState: unless the request is pending
    :raises NothingToWithdraw: when no vote of *actor* stands
    """
    request, _, _, _ = _open(request, "voted on")
    vote = _live_vote(request, actor)
    if vote is None:
        raise errors.NothingToWithdraw
    vote.withdrawn_at = timezone.now()
    vote.save(update_fields=["withdrawn_at"])
    _record(ApprovalEvent.VOTE_WITHDRAWN, request, actor)
    return request


@transaction.atomic
def reopen_request(
    request: ApprovalRequest, *, actor: User | None, reason: str
) -> ApprovalRequest:
    """Ask again because votes no longer suffice; those that still count are kept.

    The subject's facts are copied anew, and the approvers are told.
    """
    request = lock_request(request)
    request.state = RequestState.PENDING
    request.closed_at = None
    request.notified_at = None
    request.save(update_fields=["state", "closed_at", "notified_at"])
    subject = subject_of(request)
    void_lapsed(request, approvable_for(subject).facts(subject))
    _record(ApprovalEvent.REOPENED, request, actor, reason=reason)
    return refresh_request(subject, actor=actor) or request


def _open(
    request: ApprovalRequest, participle: str
) -> tuple[ApprovalRequest, Any, Approvable[Any], Facts]:
    """Lock, and check that the question is still open."""
    request = lock_request(request)
    subject = subject_of(request)
    if request.state != RequestState.PENDING:
        raise InvalidState(noun=str(subject._meta.verbose_name), participle=participle)
    port = approvable_for(subject)
    return request, subject, port, port.facts(subject)


def _check_eligible(
    request: ApprovalRequest, facts: Facts, actor: User, *, by_token: bool
) -> None:
    if by_token or not is_human(actor):
        raise errors.NotEligible(reason="tokens and service accounts do not vote")
    permission = permission_of(request)
    holders = access.holders_of(permission, request.environment)
    if not holders.filter(pk=actor.pk).exists():
        raise NotPermitted(permission=permission.value)
    if facts.blocks_self_approval and actor.pk in facts.barred:
        raise errors.SelfApprovalBlocked(
            person=actor.username, reason=facts.barred[actor.pk]
        )


def _live_vote(request: ApprovalRequest, actor: User) -> ApprovalDecision | None:
    return request.decisions.filter(
        approver=actor, withdrawn_at=None, voided_at=None
    ).first()


def _grant(
    request: ApprovalRequest,
    subject: Any,
    port: Approvable[Any],
    *,
    actor: User | None,
    count: Tally,
) -> None:
    _close(request, RequestState.APPROVED)
    _record(
        ApprovalEvent.GRANTED,
        request,
        actor,
        votes=[vote.decision.approver.username for vote in count.votes if vote.counts],
        required=count.required,
    )
    port.grant(subject, actor=actor, note="")


def _close(request: ApprovalRequest, state: RequestState) -> None:
    request.state = state
    request.closed_at = timezone.now()
    request.save(update_fields=["state", "closed_at"])


def _record(
    event: ApprovalEvent, request: ApprovalRequest, actor: User | None, **data: Any
) -> None:
    audit.record(event, request, actor=actor, project=request.project, **data)
