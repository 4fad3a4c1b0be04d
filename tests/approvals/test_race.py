"""Votes at the same moment, by real threads with connections of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from approvals import actions, errors
from approvals.models import RequestState
from approvals.subjects import request_for
from environments.permissions import Role
from gitopshq.core.contention import insist
from tests import make
from tests.approvals.conftest import SHOWN

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
VOTERS = 6


@pytest.fixture
def at_once():
    """Let each person act in a thread of their own, all at the same moment."""

    def act(step, people):
        start = Barrier(len(people))

        def one(person):
            start.wait()
            try:
                return insist(lambda: step(person))
            except errors.AlreadyVoted as refused:
                return refused
            finally:
                connection.close()

        with ThreadPoolExecutor(len(people)) as pool:
            return list(pool.map(one, people))

    return act


def test_of_simultaneous_votes_one_makes_the_transition(subject, shop, at_once):
    """S49: each counts once, and the quorum is reached once."""
    voters = [make.user(role=Role.APPROVER, on=shop) for _ in range(VOTERS)]
    subject.now(required=VOTERS)

    at_once(
        lambda person: actions.approve(
            request_for(subject.chart), actor=person, digest=SHOWN
        ),
        voters,
    )

    request = subject.request
    assert request.state == RequestState.APPROVED
    assert request.decisions.count() == VOTERS
    assert [what for what, _ in subject.outcomes] == ["granted"]


def test_the_same_person_in_two_tabs_counts_once(subject, bob, at_once):
    """S49: the second of two simultaneous votes is refused."""
    answers = at_once(
        lambda person: actions.approve(
            request_for(subject.chart), actor=person, digest=SHOWN
        ),
        [bob, bob],
    )

    refused = [one for one in answers if isinstance(one, errors.AlreadyVoted)]
    assert len(refused) == 1
    assert subject.request.decisions.count() == 1
