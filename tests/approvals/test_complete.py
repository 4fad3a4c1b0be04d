"""Drawing the conclusion from votes that stand already."""

import pytest

from approvals import actions, errors
from approvals.models import RequestState
from gitopshq.core.errors import NotPermitted
from tests.approvals.conftest import SHOWN


def test_it_completes_when_fewer_votes_are_asked_for(subject, bob):
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    subject.now(required=1)

    actions.complete_approval(subject.request, actor=bob)

    assert subject.request.state == RequestState.APPROVED
    assert subject.outcomes == [("granted", "bob")]


def test_the_system_completes_too(subject, bob):
    actions.approve(subject.request, actor=bob, digest=SHOWN)
    subject.now(required=1)

    actions.complete_approval(subject.request, actor=None)

    assert subject.outcomes == [("granted", "system")]


def test_missing_votes_are_counted(subject, bob):
    actions.approve(subject.request, actor=bob, digest=SHOWN)

    with pytest.raises(errors.ThresholdNotMet, match="approval threshold: 1/2"):
        actions.complete_approval(subject.request, actor=bob)


def test_it_takes_the_permission(subject, olga):
    with pytest.raises(NotPermitted):
        actions.complete_approval(subject.request, actor=olga)
