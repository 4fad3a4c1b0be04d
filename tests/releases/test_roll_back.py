"""Rolling back: a release that goes back to an earlier one, through the same gates."""

import pytest

from approvals.subjects import request_for
from delivery import publishing
from environments import actions as environments
from environments.desired.reverting import Field
from environments.desired.state import State
from environments.permissions import Role
from gitopshq.core.errors import InvalidState, NotPermitted, ValidationError
from gitopshq.core.models import Notification
from releases import actions, errors
from releases.locking import fresh
from releases.models import (
    Release,
    ReleaseChange,
    ReleaseKind,
    RollbackScope,
    Status,
)
from releases.pending import pool_of
from releases.rollbacks import Reversal


def document(release):
    return State.from_json(release.snapshot.document)


def test_the_snapshot_gone_back_to_gives_the_same_tree(dev, shipped, edit, rolled_back):
    """S6, S18: whatever was edited and deployed since."""
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    edit(dev, "extra")
    tree = first.rendering.tree

    release = rolled_back(first)

    assert release.status == Status.DEPLOYED
    assert release.kind == ReleaseKind.ROLLBACK
    assert release.title == "Roll back to R-1"
    assert release.rendering.tree == tree
    assert publishing.is_published(release.project, release.commit_sha)
    assert dev.deployed.release_id == release.pk


def test_it_passes_the_same_approval(prod, released, roll_back, bob, approve, deploy):
    """S133: gated as any release, its approvers are told, and they vote on it."""
    first = released(prod, fast="1")
    released(prod, fast="2")

    release = roll_back(first)

    assert release.status == Status.PENDING_APPROVAL
    assert request_for(release).required == 1
    assert Notification.objects.filter(
        recipient=bob, title__startswith="Approval wanted: R-3"
    ).exists()
    assert release.digest
    assert deploy(approve(release)).status == Status.DEPLOYED


def test_its_author_may_not_vote_on_it(prod, released, roll_back, alice, bob, shop, do):
    first = released(prod, fast="1")
    released(prod, fast="2")
    do(environments.grant_role, shop, to=bob, role=Role.DEVELOPER, actor=None)

    release = roll_back(first, actor=bob)

    assert str(bob.pk) in release.barred
    assert release.author == bob


def test_a_freeze_holds_it_back(dev, shipped, roll_back, submit, dora, do):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    do(environments.freeze, dev.environment, reason="fair", until=None, actor=None)

    release = submit(roll_back(first))

    assert release.frozen_at_cut["reason"] == "fair"
    with pytest.raises(errors.EnvironmentFrozen):
        actions.deploy_release(release, actor=dora)


def test_the_policy_stays(shop, dev, shipped, edit, create, approve, deploy, roll_back):
    """S6: also where the release gone back to was deployed under a looser one."""
    first = shipped(dev, fast="1")
    tight = {"required_approvals": 1}
    environments.set_policy(dev.environment, terms=tight, actor=None)
    edit(dev, fast="2")
    deploy(approve(create(dev)))

    release = roll_back(first)

    assert release.status == Status.PENDING_APPROVAL
    assert document(release).policy.approval_requirements.required_approvals == 1
    assert document(first).policy.approval_requirements.required_approvals == 0
    assert {change.type for change in release.changes.all()} == {"manifest_binding"}


def test_it_draws_nothing_from_the_pool(dev, shipped, edit, roll_back):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    edit(dev, "extra")
    waiting = [row.change.id for row in pool_of(dev).rows]

    release = roll_back(first)

    assert [row.change.id for row in pool_of(dev).rows] == waiting
    assert not ReleaseChange.objects.filter(release=release, is_claimed=True).exists()
    (change,) = release.changes.all()
    assert change.document["summary"] == "manifests flags: fast.yaml modified"


def test_only_another_deploy_makes_it_stale(dev, shipped, edit, roll_back, do, dora):
    """S133: by rule 2 alone; a refresh cuts it again from what is deployed then."""
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    release = roll_back(first)
    do(actions.submit_release, release, actor=release.author)
    edit(dev, "extra")
    assert not fresh(release.pk).is_stale

    third = shipped(dev, fast="3")

    with pytest.raises(errors.StaleSource):
        actions.deploy_release(fresh(release.pk), actor=dora)
    again = do(actions.refresh_release, fresh(release.pk), actor=release.author)
    assert again.base_release == third
    assert document(again).rendering_digest == document(first).rendering_digest


def test_a_rollback_is_made_anew_as_one(dev, shipped, roll_back, do, alice):
    first = shipped(dev, fast="1", slow="1")
    shipped(dev, fast="2", slow="2")
    file = "targets/acme/dev/manifests/flags/fast.yaml"
    part = Reversal(RollbackScope.FIELD, fields=(Field(file),))
    release = roll_back(first, part, title="Slow down", notes="Why")

    made = do(actions.recreate_release, release, actor=alice)

    assert made.kind == ReleaseKind.ROLLBACK
    assert made.rollback_to == first
    assert made.rollback_parts == release.rollback_parts
    assert (made.title, made.notes) == ("Slow down", "Why")
    assert made.snapshot_id == release.snapshot_id
    assert fresh(release.pk).status == Status.CANCELLED


def test_words_of_a_draft_are_edited_and_nothing_is_selected(
    dev, shipped, roll_back, do, alice
):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")
    release = roll_back(first)

    edited = do(actions.edit_release, release, actor=alice, changed={"title": "Other"})
    assert edited.title == "Other"
    with pytest.raises(ValidationError):
        do(actions.edit_release, edited, actor=alice, changed={}, change_ids=None)


def test_what_is_deployed_is_nothing_to_go_back_to(dev, shipped, roll_back):
    shipped(dev, fast="1")
    second = shipped(dev, fast="2")

    with pytest.raises(errors.NoChanges):
        roll_back(second)


def test_only_what_was_deployed_is_gone_back_to(dev, shipped, edit, create, roll_back):
    """S133: from a deployed release, or one that was rolled back."""
    shipped(dev, fast="1")
    edit(dev, fast="2")
    release = create(dev)

    for status in set(Status) - {Status.DEPLOYED, Status.ROLLED_BACK}:
        Release.objects.filter(pk=release.pk).update(
            status=status, cancel_kind="cancelled"
        )
        with pytest.raises(InvalidState, match="rolled back to"):
            roll_back(release)


def test_it_needs_the_right_to_create(dev, shipped, roll_back, dora):
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")

    with pytest.raises(NotPermitted):
        roll_back(first, actor=dora)
