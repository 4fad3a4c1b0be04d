"""Asking for agreement, keeping the question current, and taking it back.

Called by the subject's own actions, inside their transaction and project lock.
"""

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from approvals.approvable import Facts, approvable_for
from approvals.events import ApprovalEvent
from approvals.models import ApprovalRequest, RequestState
from approvals.subjects import permission_of, request_for
from environments import access
from gitopshq.core import audit, notifying
from gitopshq.core.models import User

_STANDING = (RequestState.PENDING, RequestState.APPROVED)


@transaction.atomic
def open_request(subject: Model, *, actor: User | None) -> ApprovalRequest:
    """Ask the approvers of the subject's environment, or ask them again."""
    facts = approvable_for(subject).facts(subject)
    request, made = ApprovalRequest.objects.get_or_create(
        subject_type=ContentType.objects.get_for_model(subject),
        subject_id=subject.pk,
        defaults={
            "kind": facts.kind,
            "project": facts.environment.project.slug,
            "environment": facts.environment,
            "requester": facts.requester,
            **_copied(facts),
        },
    )
    if not made:
        request.state = RequestState.PENDING
        request.closed_at = None
        request.save(update_fields=["state", "closed_at"])
        request = _copy(request, facts)
    audit.record(
        ApprovalEvent.REQUESTED,
        request,
        actor=actor,
        project=request.project,
        required=facts.required,
    )
    return notify_approvers(request, actor=actor)


@transaction.atomic
def refresh_request(subject: Model, *, actor: User | None) -> ApprovalRequest | None:
    """Copy the subject's facts anew; votes for another digest are voided.

    Approvers hear of the request once there is something to vote on, and again when
    that has become something else.
    """
    request = request_for(subject)
    if request is None or request.state not in _STANDING:
        return request
    facts = approvable_for(subject).facts(subject)
    if request.digest and request.digest != facts.digest:
        request.notified_at = None
        request.save(update_fields=["notified_at"])
    request = _copy(request, facts)
    if request.state != RequestState.PENDING:
        return request
    voided = (
        request.decisions.filter(withdrawn_at=None, voided_at=None)
        .exclude(digest=facts.digest)
        .update(voided_at=timezone.now(), void_reason="the content changed")
    )
    if voided:
        audit.record(
            ApprovalEvent.VOTES_VOIDED,
            request,
            actor=actor,
            project=request.project,
            count=voided,
        )
    return notify_approvers(request, actor=actor)


@transaction.atomic
def carry_votes(
    subject: Model, *, actor: User | None = None, old: str, new: str
) -> None:
    """Bind votes for the digest *old* to *new*: the content shown is the same.

    Only the subject's app can tell; it calls this before it refreshes the request.
    """
    request = request_for(subject)
    if request is None or old == new:
        return
    carried = request.decisions.filter(
        withdrawn_at=None, voided_at=None, digest=old
    ).update(digest=new)
    ApprovalRequest.objects.filter(pk=request.pk, digest=old).update(digest=new)
    if carried:
        audit.record(
            ApprovalEvent.VOTES_CARRIED,
            request,
            actor=actor,
            project=request.project,
            count=carried,
            old=old,
            new=new,
        )


@transaction.atomic
def cancel_request(subject: Model, *, actor: User | None, reason: str) -> None:
    """Close the question because its subject is gone; votes are voided."""
    request = request_for(subject)
    if request is None or request.state != RequestState.PENDING:
        return
    now = timezone.now()
    request.decisions.filter(withdrawn_at=None, voided_at=None).update(
        voided_at=now, void_reason="cancelled"
    )
    request.state = RequestState.CANCELLED
    request.closed_at = now
    request.save(update_fields=["state", "closed_at"])
    audit.record(
        ApprovalEvent.CANCELLED,
        request,
        actor=actor,
        project=request.project,
        reason=reason,
    )
    if request.notified_at:
        notifying.notify(
            _people_to_tell(request, actor),
            ApprovalEvent.CANCELLED,
            project=request.project,
            title=f"Cancelled: {request}",
            body=reason,
            url=str(request.facts.get("url", "")),
        )


@transaction.atomic
def notify_approvers(
    request: ApprovalRequest, *, actor: User | None
) -> ApprovalRequest:
    """Tell eligible approvers once, as soon as there is something to vote on."""
    if not request.digest or request.notified_at or not request.required:
        return request
    request.notified_at = timezone.now()
    request.save(update_fields=["notified_at"])
    notifying.notify(
        _people_to_tell(request, actor),
        ApprovalEvent.REQUESTED,
        project=request.project,
        title=f"Approval wanted: {request}",
        body=str(request.facts.get("target", "")),
        url=request.get_absolute_url(),
    )
    return request


def _people_to_tell(request: ApprovalRequest, actor: User | None) -> list[User]:
    permission = permission_of(request)
    barred = (
        {int(pk) for pk in request.barred} if request.block_self_approval else set()
    )
    people = access.holders_of(permission, request.environment)
    return [
        person
        for person in people
        if person.pk not in barred and (actor is None or person.pk != actor.pk)
    ]


def _copy(request: ApprovalRequest, facts: Facts) -> ApprovalRequest:
    copied = _copied(facts)
    for name, value in copied.items():
        setattr(request, name, value)
    request.save(update_fields=[*copied])
    return request


def _copied(facts: Facts) -> dict[str, object]:
    return {
        "digest": facts.digest,
        "required": facts.required,
        "expiry_hours": facts.expiry_hours,
        "block_self_approval": facts.blocks_self_approval,
        "facts": dict(facts.shown),
        "barred": {str(pk): reason for pk, reason in facts.barred.items()},
    }
