"""What a rollback leaves behind: releases rolled back, and changes that are held."""

import pytest

from environments import actions as environments
from environments.desired.reverting import Field
from environments.desired.state import State
from environments.permissions import Role
from gitopshq.core.models import AuditEntry, Notification
from releases import actions, counters, errors
from releases.locking import fresh
from releases.models import HeldChange, RollbackScope, Status
from releases.pending import pool_of
from releases.rollbacks import Reversal
from tests import make
from tests.releases.conftest import FULL, flag_files


def states(*releases):
    return [fresh(release.pk).status for release in releases]


def held(target):
    return {
        row.change.summary: row.held_by.name
        for row in pool_of(target).rows
        if row.held_by is not None
    }


def test_newer_releases_become_rolled_back(dev, shipped, rolled_back):
    """S18: with the link to what undid them; on record, and their authors are told."""
    first, second, third = (shipped(dev, fast=value) for value in "123")

    release = rolled_back(first)

    assert states(first, second, third, release) == [
        Status.DEPLOYED,
        Status.ROLLED_BACK,
        Status.ROLLED_BACK,
        Status.DEPLOYED,
    ]
    assert fresh(second.pk).rolled_back_by == release
    entry = AuditEntry.objects.get(
        event="release.rolled_back", object_id=str(second.pk)
    )
    assert entry.data["by"] == release.name
    assert Notification.objects.filter(
        recipient=second.author, title=f"Rolled back: {second}"
    ).exists()


def test_a_part_rolls_no_release_back(dev, shipped, rolled_back):
    """S124: its changes alone are held."""
    first = shipped(dev, fast="1", slow="1")
    second = shipped(dev, fast="2", slow="2")
    file = "targets/acme/dev/manifests/flags/fast.yaml"

    release = rolled_back(first, Reversal(RollbackScope.FIELD, fields=(Field(file),)))

    assert states(first, second) == [Status.DEPLOYED] * 2
    assert held(dev) == {"manifests flags: fast.yaml modified": release.name}


def test_what_was_undone_is_held_and_left_out(dev, shipped, edit, rolled_back, create):
    """S120: counted apart; a release of everything takes the rest alone."""
    first = shipped(dev, fast="1", slow="1")
    shipped(dev, fast="2", slow="1")

    release = rolled_back(first)
    pool = pool_of(dev)
    assert (pool.count, pool.held) == (0, 1)
    with pytest.raises(errors.NoChanges):
        create(dev)

    edit(dev, fast="2", slow="9")
    made = create(dev)

    assert [row.document["path"] for row in made.changes.all()] == ["slow.yaml"]
    assert held(dev) == {"manifests flags: fast.yaml modified": release.name}


def test_what_was_pending_before_stays_free(dev, shipped, edit, rolled_back):
    first = shipped(dev, fast="1", slow="1")
    shipped(dev, fast="2", slow="1")
    edit(dev, fast="3", slow="1")

    rolled_back(first)

    assert held(dev) == {}
    assert pool_of(dev).count == 1


def test_a_hold_ends_when_its_change_is_ticked_by_name(
    dev, shipped, rolled_back, create, do, alice
):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    rolled_back(first)
    (row,) = pool_of(dev).rows

    release = create(dev, change_ids=[row.change.id])

    assert [found.change_id for found in release.changes.all()] == [row.change.id]
    do(actions.cancel_release, release, actor=alice, reason="")
    assert held(dev) == {}


def test_a_hold_ends_for_good_when_its_change_is_edited(
    dev, shipped, edit, rolled_back
):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    rolled_back(first)

    edit(dev, fast="3")
    counters.refresh_target(dev.pk)
    assert held(dev) == {}
    edit(dev, fast="2")

    assert held(dev) == {}
    assert not HeldChange.objects.filter(ended_at=None).exists()


def test_discarding_writes_what_is_deployed_now(dev, shipped, rolled_back, do, alice):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    rolled_back(first)
    (row,) = pool_of(dev).rows

    do(actions.discard_change, dev, actor=alice, change=row.change.id)

    assert pool_of(dev).rows == ()
    (binding,) = dev.manifest_bindings.all()
    text = pool_of(dev).texts[binding.files["fast.yaml"]]
    assert text == flag_files("flags", fast="1")["fast.yaml"]
    assert not HeldChange.objects.filter(ended_at=None).exists()


def test_what_needs_something_held_is_left_out_too(
    dev, shop, shipped, edit, rolled_back, create, do
):
    """A variable came and went with a rollback; what names it now waits with it."""
    first = shipped(dev, fast="1")
    place = environments.VariablePlace(shop, "repo")
    do(environments.set_variable, place, key="SPEED", value="9", actor=None)
    shipped(dev, fast="1", slow="1")
    rolled_back(first)

    edit(dev, "more", fast="{{hq.var.SPEED}}")
    edit(dev, "free")
    release = create(dev)

    assert [row.document["object"] for row in release.changes.all()] == ["free"]


def test_two_rollbacks_in_a_row_hold_all_that_they_undid(dev, shipped, rolled_back):
    first, second, third = (shipped(dev, fast=value) for value in "123")

    fourth = rolled_back(second)
    assert states(first, second, third) == ["deployed", "deployed", "rolled_back"]
    assert list(held(dev).values()) == [fourth.name]
    fifth = rolled_back(first)

    assert states(first, second, third, fourth) == [
        "deployed",
        "rolled_back",
        "rolled_back",
        "rolled_back",
    ]
    assert list(held(dev).values()) == [fifth.name]
    assert fresh(third.pk).rolled_back_by == fourth


def test_a_rollback_of_a_rollback_brings_back_what_it_undid(
    dev, shipped, edit, rolled_back, create
):
    """S133: to a release that was rolled back; it stays so, its content is back."""
    first = shipped(dev, fast="1")
    second = shipped(dev, fast="2")
    third = rolled_back(first)

    fourth = rolled_back(second)

    assert states(second, third, fourth) == ["rolled_back", "rolled_back", "deployed"]
    assert fourth.rendering.tree == second.rendering.tree
    assert pool_of(dev).rows == ()
    assert not HeldChange.objects.filter(ended_at=None).exists()
    edit(dev, fast="3")
    assert create(dev).base_release == fourth


def test_an_open_release_keeps_its_claims_and_goes_stale(
    dev, shipped, edit, create, submit, rolled_back, do, alice, dora
):
    """S133: by rule 2; refreshed, it ships its own changes and nothing undone."""
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    edit(dev, "extra")
    waiting = submit(create(dev))

    release = rolled_back(first)

    with pytest.raises(errors.StaleSource):
        actions.deploy_release(fresh(waiting.pk), actor=dora)
    claimed = {row.change.object: row.claimed_by for row in pool_of(dev).rows}
    assert claimed == {"flags": None, "extra": waiting}
    again = do(actions.refresh_release, fresh(waiting.pk), actor=alice)
    assert [row.document["object"] for row in again.changes.all()] == ["extra"]
    assert State.from_json(again.snapshot.document).manifests != ()
    assert list(held(dev).values()) == [release.name]


def test_a_failed_rollback_is_retried_without_claims(
    dev, shipped, rolled_back, do, alice, submit, dora
):
    first = shipped(dev, fast="1")
    second = shipped(dev, fast="2")
    release = submit(
        do(actions.roll_back_release, fresh(first.pk), actor=alice, reversal=FULL)
    )
    type(release).objects.filter(pk=release.pk).update(
        status=Status.FAILED, failure_type="git_conflict"
    )
    assert states(second) == [Status.DEPLOYED]

    do(actions.retry_release, fresh(release.pk), actor=dora)

    assert states(release, second) == [Status.DEPLOYED, Status.ROLLED_BACK]
    assert not release.changes.filter(is_claimed=True).exists()


def test_a_rollback_in_between_frees_no_editor_from_the_rule(
    shop, prod, released, edit, do, alice, bob, approve, deploy, create
):
    """Bob's edit was pending while the rollback shipped the same place."""
    carla = make.user("carla", role=Role.APPROVER, on=shop)
    do(environments.grant_role, shop, to=bob, role=Role.DEVELOPER, actor=None)
    first = released(prod, fast="1")
    released(prod, fast="2")
    edit(prod, actor=bob, fast="3")
    rollback = do(
        actions.roll_back_release, fresh(first.pk), actor=alice, reversal=FULL
    )
    assert str(bob.pk) in fresh(rollback.pk).barred
    deploy(approve(rollback, actor=carla))

    release = create(prod)

    assert release.barred[str(bob.pk)] == "edited a change in it"
    assert str(carla.pk) not in release.barred
