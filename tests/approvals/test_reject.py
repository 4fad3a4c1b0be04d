"""Saying no: one suffices, and it needs a reason."""

import pytest

from approvals import actions, errors
from approvals.models import RequestState, Verdict
from gitopshq.core.errors import InvalidState, NotPermitted, ReasonRequired
from gitopshq.core.models import AuditEntry
from tests.approvals.conftest import SHOWN


def reject(subject, actor, reason="It doubles the bill.", **kwargs):
    return actions.reject(subject.request, actor=actor, reason=reason, **kwargs)


def test_one_rejection_ends_it(subject, bob, cleo):
    """S19, S81: rejecting refuses the subject, with the reason."""
    actions.approve(subject.request, actor=bob, digest=SHOWN)

    reject(subject, cleo)

    assert subject.request.state == RequestState.REJECTED
    assert subject.outcomes == [("refused", "It doubles the bill.")]
    entry = AuditEntry.objects.get(event="approval.rejected")
    assert entry.data["reason"] == "It doubles the bill."


def test_a_reason_is_required(subject, bob):
    with pytest.raises(ReasonRequired):
        reject(subject, bob, reason="  \n")

    assert subject.request.state == RequestState.PENDING


def test_who_approved_may_still_change_their_mind(subject, bob):
    actions.approve(subject.request, actor=bob, digest=SHOWN)

    reject(subject, bob)

    votes = subject.request.decisions.order_by("pk")
    assert [vote.verdict for vote in votes] == [Verdict.APPROVE, Verdict.REJECT]
    assert votes[0].withdrawn_at is not None


def test_refusals_come_in_the_order_of_the_domain(subject, ana, bob, stan):
    with pytest.raises(errors.NotEligible):
        reject(subject, stan, reason="", by_token=True)
    with pytest.raises(NotPermitted):
        reject(subject, stan, reason="")
    with pytest.raises(NotPermitted):
        reject(subject, ana, reason="")
    with pytest.raises(ReasonRequired):
        reject(subject, bob, reason="")

    reject(subject, bob)
    with pytest.raises(InvalidState, match="cannot be rejected"):
        reject(subject, stan, reason="", by_token=True)
