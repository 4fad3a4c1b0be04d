"""Break-glass: who asks and who confirms, for which releases."""

import pytest

from approvals import errors as approval_errors
from gitopshq.core.errors import (
    InvalidState,
    NotPermitted,
    ReasonRequired,
    ValidationError,
)
from releases import actions, errors
from releases.models import Release, Status
from tests import make
from tests.releases.freezes.conftest import OVERRIDE, freeze_gate


def test_two_people_take_a_release_through_a_freeze(frozen, broken, deploy, carla):
    """S116, S122: and the attempt's record names both and until when."""
    assert freeze_gate(frozen, carla).verdict == "wait"

    release = deploy(broken(frozen), actor=carla)

    assert release.status == Status.DEPLOYED
    gates = {gate["name"]: gate for gate in release.attempts.get().gates}
    said, details = gates["freeze"]["reason"], gates["freeze"]["details"]
    assert gates["freeze"]["verdict"] == "pass"
    assert "set aside by carla and dave until" in said
    assert details["reason"] == "fair"
    assert details["breakGlass"]["askedBy"] == "carla"
    assert details["breakGlass"]["confirmedBy"] == "dave"
    assert details["breakGlass"]["reason"] == "card data leaks"


def test_one_person_is_not_enough(frozen, do, carla):
    do(actions.ask_break_glass, frozen, actor=carla, reason="leak")

    with pytest.raises(errors.EnvironmentFrozen):
        actions.deploy_release(frozen, actor=carla)
    with pytest.raises(errors.SecondPersonRequired, match="you asked for it"):
        actions.confirm_break_glass(frozen, actor=carla)


def test_the_author_does_not_confirm(frozen, do, alice, carla, shop):
    """Not even as a superuser: the rules hold for them unchanged (domain 11)."""
    do(actions.ask_break_glass, frozen, actor=carla, reason="leak")
    with pytest.raises(NotPermitted):
        actions.confirm_break_glass(frozen, actor=alice)

    alice.is_superuser = True
    alice.save()

    with pytest.raises(errors.SecondPersonRequired, match="you are the author"):
        actions.confirm_break_glass(frozen, actor=alice)


def test_the_author_may_ask_and_two_superusers_are_two_people(frozen, do, alice, dora):
    for person in (alice, dora):
        person.is_superuser = True
        person.save()
    do(actions.ask_break_glass, frozen, actor=alice, reason="leak")
    with pytest.raises(errors.SecondPersonRequired):
        actions.confirm_break_glass(frozen, actor=alice)

    do(actions.confirm_break_glass, frozen, actor=dora)

    assert freeze_gate(frozen, dora).verdict == "pass"


def test_no_robot_breaks_glass_and_no_token_confirms(frozen, do, carla, dave, shop):
    robot = make.service_account(of=dave, name="robot", may=OVERRIDE, on=shop)
    with pytest.raises(approval_errors.NotEligible):
        actions.ask_break_glass(frozen, actor=robot, reason="leak")
    do(actions.ask_break_glass, frozen, actor=carla, reason="leak")

    with pytest.raises(approval_errors.NotEligible):
        actions.confirm_break_glass(frozen, actor=robot)
    with pytest.raises(approval_errors.NotEligible):
        actions.confirm_break_glass(frozen, actor=dave, by_token=True)


def test_it_takes_the_permission(frozen, do, bob, dora, carla):
    with pytest.raises(NotPermitted, match=r"freeze\.override"):
        actions.ask_break_glass(frozen, actor=bob, reason="leak")
    do(actions.ask_break_glass, frozen, actor=carla, reason="leak")
    with pytest.raises(NotPermitted, match=r"freeze\.override"):
        actions.confirm_break_glass(frozen, actor=dora)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_it_takes_a_reason(frozen, carla, reason):
    with pytest.raises(ReasonRequired):
        actions.ask_break_glass(frozen, actor=carla, reason=reason)


def test_a_reason_has_an_end(frozen, carla):
    with pytest.raises(ValidationError) as refused:
        actions.ask_break_glass(frozen, actor=carla, reason="x" * 1001)
    assert refused.value.errors[0].pointer == "/reason"


def test_there_must_be_a_freeze(prod, approved, carla):
    with pytest.raises(errors.NotFrozen):
        actions.ask_break_glass(approved(prod), actor=carla, reason="leak")


@pytest.mark.parametrize(
    ("status", "failure", "may"),
    [
        (Status.DRAFT, "", False),
        (Status.PENDING_APPROVAL, "", False),
        (Status.APPROVED, "", True),
        (Status.DEPLOYING, "", False),
        (Status.FAILED, "environment_frozen", True),
        (Status.FAILED, "git_conflict", True),
        (Status.FAILED, "template_error", False),
        (Status.CANCELLED, "", False),
    ],
)
def test_it_is_for_what_could_be_sent_now(frozen, carla, status, failure, may):
    Release.objects.filter(pk=frozen.pk).update(
        status=status, failure_type=failure, cancel_kind="cancelled"
    )

    if may:
        actions.ask_break_glass(frozen, actor=carla, reason="leak")
    else:
        with pytest.raises(InvalidState, match="taken through a freeze"):
            actions.ask_break_glass(frozen, actor=carla, reason="leak")
