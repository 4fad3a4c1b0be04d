"""Recreate: the other way out of a release that no longer fits."""

import pytest

from environments.permissions import Role
from gitopshq.core.errors import InvalidState, NotPermitted
from releases import actions, errors
from releases.locking import fresh
from releases.models import CancelKind, FailureType, Release, Status
from releases.pending import pool_of
from tests import make


@pytest.fixture
def recreate(do, alice):
    def press(release, *, actor=alice, **kwargs):
        made = do(actions.recreate_release, fresh(release.pk), actor=actor, **kwargs)
        return fresh(made.pk)

    return press


def test_an_open_release_is_cancelled_and_made_anew(prod, edit, create, recreate):
    """S64: the words go over; kind ``recreated``; both stay in history."""
    edit(prod)
    old = create(prod, content={"notes": "Because.", "ticket": "OPS-1"})
    edit(prod, fast="2")

    new = recreate(old)

    old = fresh(old.pk)
    assert (old.status, old.cancel_kind) == (Status.CANCELLED, CancelKind.RECREATED)
    assert (new.name, new.status) == ("R-2", Status.PENDING_APPROVAL)
    assert (new.title, new.notes, new.ticket) == ("Change flags", "Because.", "OPS-1")
    assert new.recreated_from == old


def test_a_failed_release_stays_failed(prod, released, recreate, edit, deploy, approve):
    """S17, S74, S75: fix, recreate, deploy."""
    failed = released(prod)
    Release.objects.update(
        status=Status.FAILED, failure_type=FailureType.TEMPLATE_ERROR
    )
    edit(prod, fast="2")

    new = recreate(failed)

    assert fresh(failed.pk).status == Status.FAILED
    assert deploy(approve(new)).status == Status.DEPLOYED


def test_a_selection_is_taken_over(dev, edit, create, recreate):
    """S31: what was not ticked stays out."""
    edit(dev, "one")
    edit(dev, "two")
    ids = [r.change.id for r in pool_of(dev).rows if r.change.object == "one"]

    new = recreate(create(dev, change_ids=ids))

    assert "two" not in {row.document["object"] for row in new.changes.all()}


def test_who_made_the_first_may_not_vote_on_the_second(
    prod, edit, create, recreate, shop, alice
):
    """S50: its words and its selection are theirs."""
    mona = make.user("mona", role=Role.MAINTAINER, on=shop)
    edit(prod)

    new = recreate(create(prod), actor=mona)

    assert {str(alice.pk), str(mona.pk)} <= set(new.barred)


def test_somebody_elses_open_release_needs_the_right_to_cancel(
    prod, edit, create, shop
):
    """S91: recreating it cancels it."""
    dana = make.user("dana", role=Role.DEVELOPER, on=shop)
    edit(prod)
    release = create(prod)

    with pytest.raises(NotPermitted, match=r"releases\.cancel"):
        actions.recreate_release(release, actor=dana)

    assert fresh(release.pk).status == Status.PENDING_APPROVAL
    assert Release.objects.count() == 1


def test_nothing_to_release_cancels_nothing(dev, shipped, edit, create, alice):
    shipped(dev)
    edit(dev, fast="2")
    release = create(dev)
    edit(dev)

    with pytest.raises(errors.NoChanges):
        actions.recreate_release(release, actor=alice)

    assert fresh(release.pk).status == Status.DRAFT


def test_a_release_that_is_over_is_not_recreated(prod, released, alice):
    release = released(prod)

    for status in ("deploying", "deployed", "rolled_back", "cancelled"):
        Release.objects.update(status=status, cancel_kind="cancelled")
        with pytest.raises(InvalidState, match="recreated"):
            actions.recreate_release(release, actor=alice)


def test_the_right_is_asked_before_the_state(prod, released, bob):
    release = released(prod)

    with pytest.raises(NotPermitted):
        actions.recreate_release(release, actor=bob)
