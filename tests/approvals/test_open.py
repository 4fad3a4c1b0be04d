"""Asking, keeping the question current, taking it back."""

from approvals import actions
from approvals.models import ApprovalRequest, RequestState
from approvals.tally import tally
from gitopshq.core.models import Notification
from tests.approvals.conftest import SHOWN


def told():
    rows = Notification.objects.order_by("pk")
    return [(row.recipient.username, row.title) for row in rows]


def test_what_the_inbox_needs_is_copied(subject, ana, production):
    request = subject.request

    assert request.project == "shop"
    assert (request.environment, request.requester) == (production, ana)
    assert request.digest == SHOWN
    assert (request.required, request.expiry_hours) == (2, None)
    assert request.barred == {str(ana.pk): "made this release"}
    assert str(request) == "R-7 More replicas"


def test_asking_again_asks_the_same_question(subject):
    actions.cancel_request(subject.chart, actor=None, reason="gone")

    actions.open_request(subject.chart, actor=None)

    assert ApprovalRequest.objects.get().state == RequestState.PENDING


def test_eligible_approvers_are_told_once_it_is_rendered(bob, cleo, olga, subject):
    """S34: who can approve hears of it, who cannot does not."""
    wanted = "Approval wanted: R-7 More replicas"

    assert sorted(told()) == [("bob", wanted), ("cleo", wanted)]
    subject.now(required=1)
    assert len(told()) == 2


def test_they_are_told_again_when_the_content_is_another(bob, subject):
    subject.now(digest="b" * 64)

    assert [name for name, _ in told()] == ["bob", "bob"]


def test_carried_votes_stay_for_content_that_was_shown(subject, bob):
    actions.approve(subject.request, actor=bob, digest=SHOWN)

    actions.carry_votes(subject.chart, old=SHOWN, new="b" * 64)
    subject.now(digest="b" * 64)

    assert tally(subject.request, subject.facts).current == 1


def test_cancelling_voids_votes_and_tells_the_approvers(subject, bob, cleo):
    """S85: votes are voided, approvers notified."""
    actions.approve(subject.request, actor=bob, digest=SHOWN)

    actions.cancel_request(subject.chart, actor=None, reason="not needed")

    assert subject.request.state == RequestState.CANCELLED
    vote = subject.request.decisions.get()
    assert vote.void_reason == "cancelled"
    assert ("cleo", "Cancelled: R-7 More replicas") in told()


def test_reopening_keeps_votes_that_still_count(subject, bob, cleo):
    for person in (bob, cleo):
        actions.approve(subject.request, actor=person, digest=SHOWN)

    subject.now(required=3)
    actions.reopen_request(subject.request, actor=None, reason="tightened")

    assert subject.request.state == RequestState.PENDING
    assert tally(subject.request, subject.facts).current == 2
