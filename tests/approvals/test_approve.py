"""Voting yes: what is refused, in which order, and what a quorum does."""

import pytest
from guardian.shortcuts import assign_perm

from approvals import actions, errors
from approvals.models import RequestState, Verdict
from approvals.tally import tally
from gitopshq.core.errors import Conflict, InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry
from tests import make
from tests.approvals.conftest import SHOWN


class NotReady(Conflict):
    code = "tests_not_ready"
    message = "not yet"


def approve(subject, actor, digest=SHOWN, **kwargs):
    return actions.approve(subject.request, actor=actor, digest=digest, **kwargs)


def test_one_of_two_leaves_it_pending(subject, bob):
    """S49: one person of two is not enough."""
    approve(subject, bob, comment="Looks right.")

    assert subject.request.state == RequestState.PENDING
    assert subject.outcomes == []
    vote = subject.request.decisions.get()
    assert (vote.verdict, vote.digest) == (Verdict.APPROVE, SHOWN)
    assert vote.comment == "Looks right."


def test_the_last_vote_of_the_quorum_grants_it(subject, bob, cleo):
    """S14, S49: two different people agree."""
    approve(subject, bob)
    approve(subject, cleo)

    assert subject.request.state == RequestState.APPROVED
    assert subject.request.closed_at is not None
    assert subject.outcomes == [("granted", "cleo")]
    granted = AuditEntry.objects.get(event="approval.granted")
    assert granted.data["votes"] == ["bob", "cleo"]


def test_the_same_person_counts_once(subject, bob):
    """S49: the same person twice counts once."""
    approve(subject, bob)

    with pytest.raises(errors.AlreadyVoted):
        approve(subject, bob)
    assert subject.request.decisions.count() == 1


def test_the_author_may_not_where_the_policy_says_so(subject, production, ana):
    """S50: the author's own vote is refused, with the reason."""
    let_vote(ana, production)

    with pytest.raises(errors.SelfApprovalBlocked, match="made this release"):
        approve(subject, ana)


def test_the_author_may_where_the_policy_allows_it(subject, production, ana):
    """S50: the author's own vote is accepted when the block is off."""
    let_vote(ana, production)
    subject.now(blocks_self_approval=False, required=1)

    approve(subject, ana)

    assert subject.outcomes == [("granted", "ana")]


def test_a_vote_lapses_and_is_given_again(subject, bob, time_machine):
    """S51: after N hours a vote no longer counts, and must be given again."""
    time_machine.move_to("2026-03-01 10:00Z", tick=False)
    subject.now(expiry_hours=24)
    approve(subject, bob)
    time_machine.move_to("2026-03-02 09:59:59Z", tick=False)
    assert tally(subject.request, subject.facts).current == 1

    time_machine.move_to("2026-03-02 10:00Z", tick=False)

    assert tally(subject.request, subject.facts).current == 0
    approve(subject, bob)
    assert tally(subject.request, subject.facts).current == 1


def test_a_vote_of_somebody_who_left_counts_no_more(subject, bob, cleo):
    approve(subject, bob)
    bob.is_active = False
    bob.save()

    approve(subject, cleo)

    assert subject.request.state == RequestState.PENDING
    votes = tally(subject.request, subject.facts).votes
    assert [vote.reason for vote in votes] == ["no longer an approver here", ""]


def test_changed_content_voids_votes(subject, bob):
    approve(subject, bob)

    subject.now(digest="b" * 64)

    assert tally(subject.request, subject.facts).current == 0
    vote = subject.request.decisions.get()
    assert vote.void_reason == "the content changed"
    approve(subject, bob, digest="b" * 64)
    assert tally(subject.request, subject.facts).current == 1


def test_a_superuser_holds_everything_but_the_vote(subject):
    root = make.user("root", is_superuser=True)

    with pytest.raises(NotPermitted, match=r"releases\.approve"):
        approve(subject, root)


def test_a_service_account_does_not_vote(subject, production, bob):
    robot = make.service_account(of=bob)
    let_vote(robot, production)

    with pytest.raises(errors.NotEligible):
        approve(subject, robot)


def test_refusals_come_in_the_order_of_the_domain(subject, production, ana, bob, stan):
    """Each mends the first thing that is wrong, and hears of the next."""
    subject.refusal = NotReady()
    actions.cancel_request(subject.chart, actor=None, reason="gone")

    # everything at once: cancelled, by a token, without the right, barred, stale
    with pytest.raises(InvalidState, match="cannot be approved in its current status"):
        approve(subject, stan, digest="x", by_token=True)

    actions.open_request(subject.chart, actor=None)
    with pytest.raises(errors.NotEligible):
        approve(subject, stan, digest="x", by_token=True)
    with pytest.raises(NotPermitted) as refused:
        approve(subject, ana, digest="x")
    assert refused.value.code == "permission_denied"

    let_vote(ana, production)
    with pytest.raises(errors.SelfApprovalBlocked):
        approve(subject, ana, digest="x")

    subject.refusal = None
    approve(subject, bob)
    subject.refusal = NotReady()
    with pytest.raises(errors.AlreadyVoted):
        approve(subject, bob, digest="x")

    actions.withdraw_vote(subject.request, actor=bob)
    with pytest.raises(NotReady):
        approve(subject, bob, digest="x")

    subject.refusal = None
    with pytest.raises(errors.DigestMismatch) as moved:
        approve(subject, bob, digest="x")
    assert moved.value.details == {"digest": SHOWN}


def test_a_refused_vote_changes_nothing(subject, bob):
    with pytest.raises(errors.DigestMismatch):
        approve(subject, bob, digest="b" * 64)

    assert not subject.request.decisions.exists()
    assert not AuditEntry.objects.filter(event="approval.voted").exists()


def let_vote(person, place):
    assign_perm("releases_approve", person, place)
