"""What break-glass opens: one gate of one release, for an hour; and what stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import AuditEntry, Notification
from releases import actions, deployment, errors
from releases.gates import Moment, Question
from releases.glass import LASTS
from releases.locking import fresh
from releases.models import BreakGlass, Release, Status
from releases.models.keeping import NeverDeleted
from releases.pending import pool_of
from tests import make
from tests.releases.freezes.conftest import freeze_gate


def test_it_ends_exactly_after_the_hour(frozen, broken, carla, time_machine):
    start = timezone.now().replace(microsecond=0)
    time_machine.move_to(start, tick=False)
    broken(frozen)
    assert BreakGlass.objects.get().expires_at == start + LASTS

    time_machine.move_to(start + LASTS - timedelta(microseconds=1), tick=False)
    assert freeze_gate(frozen, carla).verdict == "pass"
    time_machine.move_to(start + LASTS, tick=False)
    assert freeze_gate(frozen, carla).verdict == "wait"
    with pytest.raises(errors.EnvironmentFrozen):
        actions.deploy_release(frozen, actor=carla)


def test_it_opens_when_it_is_confirmed_and_not_before(frozen, broken, carla):
    row = broken(frozen).break_glasses.get()
    earlier = row.confirmed_at - timedelta(microseconds=1)

    assert Question(frozen, carla, Moment.DEPLOY, row.confirmed_at).glass == row
    assert Question(frozen, carla, Moment.DEPLOY, earlier).glass is None


def test_what_ran_out_is_asked_for_again_as_a_new_row(
    frozen, broken, carla, dave, do, time_machine
):
    """The rows stay on the release for ever."""
    start = timezone.now().replace(microsecond=0)
    time_machine.move_to(start, tick=False)
    broken(frozen)
    for minutes in (0, 59):
        time_machine.move_to(start + timedelta(minutes=minutes), tick=False)
        with pytest.raises(errors.BreakGlassExists, match="it is open"):
            actions.ask_break_glass(frozen, actor=dave, reason="again")

    time_machine.move_to(start + LASTS, tick=False)
    with pytest.raises(errors.NothingToConfirm):
        actions.confirm_break_glass(frozen, actor=dave)
    do(actions.ask_break_glass, frozen, actor=dave, reason="still")
    with pytest.raises(errors.BreakGlassExists, match="it is waiting"):
        actions.ask_break_glass(frozen, actor=carla, reason="again")
    do(actions.confirm_break_glass, frozen, actor=carla)

    assert freeze_gate(frozen, carla).verdict == "pass"
    assert BreakGlass.objects.count() == 2


def test_what_nobody_confirmed_within_the_hour_has_lapsed(
    frozen, carla, dave, do, time_machine
):
    start = timezone.now().replace(microsecond=0)
    time_machine.move_to(start, tick=False)
    do(actions.ask_break_glass, frozen, actor=carla, reason="leak")

    time_machine.move_to(start + LASTS, tick=False)

    with pytest.raises(errors.NothingToConfirm):
        actions.confirm_break_glass(frozen, actor=dave)
    do(actions.ask_break_glass, frozen, actor=carla, reason="leak, still")


def test_nothing_is_confirmed_that_nobody_asked_for(frozen, dave):
    with pytest.raises(errors.NothingToConfirm):
        actions.confirm_break_glass(frozen, actor=dave)


def test_another_release_is_not_covered(prod, edit, create, approve, do, broken, carla):
    edit(prod, "one")
    edit(prod, "two")
    ids = {row.change.object: row.change.id for row in pool_of(prod).rows}
    one, two = (
        approve(create(prod, change_ids=[ids[name]])) for name in ("one", "two")
    )
    do(environments.freeze, prod.environment, reason="fair", actor=None)

    broken(fresh(one.pk))

    assert freeze_gate(one, carla).verdict == "pass"
    assert freeze_gate(two, carla).verdict == "wait"


def test_no_other_gate_opens(frozen, broken, edit, prod, carla, bob):
    """Permission, staleness and the others hold as ever."""
    broken(frozen)
    with pytest.raises(NotPermitted, match=r"releases\.deploy"):
        actions.deploy_release(frozen, actor=bob)
    edit(prod, fast="2")

    with pytest.raises(errors.StaleSource):
        actions.deploy_release(frozen, actor=carla)


def test_it_may_end_between_click_and_commit(frozen, broken, carla, do, time_machine):
    """S130: asked again in the transaction that moves the ref."""
    start = timezone.now().replace(microsecond=0)
    time_machine.move_to(start, tick=False)
    actions.deploy_release(broken(frozen), actor=carla)

    time_machine.move_to(start + LASTS, tick=False)
    do(deployment.run, attempt_id=frozen.attempts.get().pk)

    release = fresh(frozen.pk)
    assert (release.status, release.failure_type) == (
        Status.FAILED,
        "environment_frozen",
    )


def test_a_failure_by_freeze_is_retried_through_it(frozen, broken, carla, do):
    Release.objects.filter(pk=frozen.pk).update(
        status=Status.FAILED, failure_type="environment_frozen"
    )
    frozen.changes.update(is_claimed=False)

    do(actions.retry_release, broken(fresh(frozen.pk)), actor=carla)

    assert fresh(frozen.pk).status == Status.DEPLOYED


def test_both_must_hold_the_permission_still(frozen, broken, carla, dave, shop):
    broken(frozen)
    assert freeze_gate(frozen, carla).verdict == "pass"

    dave.is_active = False
    dave.save()

    assert freeze_gate(frozen, carla).verdict == "wait"


def test_what_deploys_itself_goes_when_it_is_confirmed(shop, approved, do, broken):
    make.environment(shop, "itself", required_approvals=1, deploy_mode="auto")
    target = make.target(shop, environment="itself")
    do(environments.freeze, target.environment, reason="fair", actor=None)
    release = approved(type(target).objects.get(pk=target.pk))
    assert release.status == Status.APPROVED

    assert broken(release).status == Status.DEPLOYED


def test_it_is_on_record_and_those_who_could_confirm_are_told(
    frozen, broken, carla, dave, alice, shop
):
    mona = make.user("mona", role=Role.MAINTAINER, on=shop)
    broken(frozen)

    asked, confirmed = AuditEntry.objects.filter(
        event__startswith="release.break_glass"
    ).order_by("pk")
    assert (asked.actor, asked.data["reason"]) == (carla, "card data leaks")
    assert asked.data["frozen"]["reason"] == "fair"
    assert (confirmed.actor, confirmed.data["asked_by"]) == (dave, "carla")
    assert confirmed.data["expires_at"].endswith("Z")
    told = Notification.objects.filter(event__startswith="release.break_glass")
    assert {(row.event.rsplit("_")[-1], row.recipient) for row in told} == {
        ("asked", dave),
        ("asked", mona),
        *(("confirmed", person) for person in (carla, dave, mona, alice)),
    }


def test_the_rows_are_kept_and_the_database_wants_two(frozen, broken, carla):
    row = broken(frozen).break_glasses.get()
    with pytest.raises(NeverDeleted):
        row.delete()

    row.confirmed_by = carla
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
