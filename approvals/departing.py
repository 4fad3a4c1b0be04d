"""What becomes of the votes of somebody who leaves."""

from collections.abc import Mapping

from django.utils import timezone

from approvals.events import ApprovalEvent
from approvals.models import ApprovalDecision, RequestState
from approvals.subjects import lock_request
from gitopshq.core import audit
from gitopshq.core.departing import on_departure
from gitopshq.core.models import User

LEFT = "the voter left"


@on_departure
def void_waiting_votes(person: User, actor: User | None) -> Mapping[str, int]:
    """Void the votes of *person* that nothing was decided by yet.

    Those of approved requests stand in the record; they do not count at the deploy,
    which asks who may vote now.
    """
    waiting = ApprovalDecision.objects.filter(
        approver=person,
        withdrawn_at=None,
        voided_at=None,
        request__state=RequestState.PENDING,
    )
    # Projects in the order of their keys: two departures never wait for each other.
    rows = waiting.select_related("request__environment__project").order_by(
        "request__environment__project", "request", "pk"
    )
    voided = 0
    for decision in rows:
        request = lock_request(decision.request)
        # Whatever was decided before the lock was taken stays decided.
        if not waiting.filter(pk=decision.pk).update(
            voided_at=timezone.now(), void_reason=LEFT
        ):
            continue
        voided += 1
        audit.record(
            ApprovalEvent.VOTES_VOIDED,
            request,
            actor=actor,
            project=request.project,
            count=1,
            reason=LEFT,
            voter=person.username,
        )
    return {"votes": voided}
