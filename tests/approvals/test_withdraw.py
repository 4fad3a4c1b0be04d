"""Taking one's vote back."""

import pytest

from approvals import actions, errors
from approvals.tally import tally
from gitopshq.core.errors import InvalidState
from gitopshq.core.models import AuditEntry
from tests.approvals.conftest import SHOWN


def test_a_withdrawn_vote_counts_no_more_and_can_be_given_again(subject, bob):
    actions.approve(subject.request, actor=bob, digest=SHOWN)

    actions.withdraw_vote(subject.request, actor=bob)

    assert tally(subject.request, subject.facts).current == 0
    assert AuditEntry.objects.filter(event="approval.vote_withdrawn").count() == 1
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    assert tally(subject.request, subject.facts).current == 1


def test_nobody_withdraws_for_others(subject, bob, cleo):
    actions.approve(subject.request, actor=bob, digest=SHOWN)

    with pytest.raises(errors.NothingToWithdraw):
        actions.withdraw_vote(subject.request, actor=cleo)


def test_what_is_decided_stays(subject, bob, cleo):
    for person in (bob, cleo):
        actions.approve(subject.request, actor=person, digest=SHOWN)

    with pytest.raises(InvalidState):
        actions.withdraw_vote(subject.request, actor=bob)
