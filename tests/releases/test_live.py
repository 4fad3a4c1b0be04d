"""A release's life: the eight states, and which step leads where."""

import inspect

import pytest

from gitopshq.core.errors import InvalidState
from releases.models import CancelKind, Release, Status

STEPS = {
    "submit": ({}, [Status.DRAFT], Status.PENDING_APPROVAL),
    "approve": ({}, [Status.PENDING_APPROVAL], Status.APPROVED),
    "reopen": ({}, [Status.APPROVED], Status.PENDING_APPROVAL),
    "cancel": (
        {"kind": CancelKind.CANCELLED, "reason": "", "by": None},
        [Status.DRAFT, Status.PENDING_APPROVAL, Status.APPROVED],
        Status.CANCELLED,
    ),
    "start_deploying": ({"by": None}, [Status.APPROVED], Status.DEPLOYING),
    "retry": ({"by": None}, [Status.FAILED], Status.DEPLOYING),
    "finish_deploying": (
        {"commit": "c" * 40, "at": None},
        [Status.DEPLOYING],
        Status.DEPLOYED,
    ),
    "fail": (
        {"failure_type": "git_conflict", "detail": ""},
        [Status.DEPLOYING],
        Status.FAILED,
    ),
    "roll_back": ({"by": None}, [Status.DEPLOYED], Status.ROLLED_BACK),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", list(Status))
def test_a_step_leads_from_its_sources_only(status, step):
    """S10, S11, S18, S19, S83: every pair that is not declared is refused."""
    given, sources, target = STEPS[step]
    release = Release(status=status)

    if status in sources:
        getattr(release, step)(**given)
        assert release.status == target
    else:
        with pytest.raises(InvalidState, match="in its current status"):
            getattr(release, step)(**given)
        assert release.status == status


def test_every_declared_step_is_in_the_table():
    """S10: no step escapes the matrix above."""
    declared = {
        name
        for name, member in inspect.getmembers(Release, inspect.isfunction)
        if hasattr(member, "_django_fsm")
    }

    assert declared == set(STEPS)


def test_there_are_exactly_the_eight_states():
    """S10, S11: and no state for rejection."""
    assert [str(status) for status in Status] == [
        "draft",
        "pending_approval",
        "approved",
        "deploying",
        "deployed",
        "failed",
        "rolled_back",
        "cancelled",
    ]


def test_a_state_is_not_assigned():
    release = Release(status=Status.DRAFT)

    with pytest.raises(AttributeError):
        release.status = Status.APPROVED
