"""Refresh: the same selection, cut again from current source."""

import pytest

from approvals.subjects import request_for
from environments import actions as environments
from environments.models import Text
from environments.permissions import Permission
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry, Notification
from releases import actions, errors
from releases.foreseeing import keeps_votes
from releases.locking import fresh
from releases.models import Status
from releases.pending import pool_of
from releases.quorum import progress_of
from releases.staleness import staleness_of
from tests import make


@pytest.fixture
def refresh(do, alice):
    def press(release, *, actor=alice, **kwargs):
        do(actions.refresh_release, fresh(release.pk), actor=actor, **kwargs)
        return fresh(release.pk)

    return press


def picked(target, *names):
    return [row.change.id for row in pool_of(target).rows if row.change.object in names]


def test_a_refreshed_release_is_deployable_again(
    prod, approved, edit, refresh, approve, deploy
):
    """S63: from current source, through a new vote."""
    release = approved(prod)
    edit(prod, fast="2")

    release = refresh(release)

    assert staleness_of(release) is None
    assert deploy(approve(release)).status == Status.DEPLOYED


def test_other_content_voids_the_votes_and_goes_back(
    prod, approved, edit, refresh, bob
):
    """S63, S49: a vote is for content; the approver is asked again."""
    release = approved(prod)
    edit(prod, fast="2")
    assert keeps_votes(fresh(release.pk)) is False

    release = refresh(release)

    assert release.status == Status.PENDING_APPROVAL
    request = request_for(release)
    assert (request.state, request.digest) == ("pending", release.digest)
    assert progress_of(release).tally.current == 0
    told = Notification.objects.filter(recipient=bob, event="approval.requested")
    assert told.count() == 2


def test_votes_are_kept_for_identical_content(
    prod, edit, create, approve, refresh, deploy
):
    """S63: stale by a change it does not take; only its baseline moves (domain 4)."""
    edit(prod, "one")
    release = approve(create(prod, change_ids=picked(prod, "one")))
    edit(prod, "two")
    texts = Text.objects.count()
    assert staleness_of(fresh(release.pk)) is not None
    assert keeps_votes(fresh(release.pk)) is True
    assert Text.objects.count() == texts

    release = refresh(release)

    assert staleness_of(release) is None
    assert release.status == Status.APPROVED
    assert progress_of(release).tally.current == 1
    assert deploy(release).status == Status.DEPLOYED


def test_votes_survive_a_sibling_that_changed_nothing_in_it(
    prod, edit, create, approve, deploy, refresh
):
    """S100: base and digest are new, what is voted for is not the same tree."""
    edit(prod, "old")
    edit(prod, "hotfix")
    older = approve(create(prod, change_ids=picked(prod, "old")))
    deploy(approve(create(prod, change_ids=picked(prod, "hotfix"))))
    assert keeps_votes(fresh(older.pk)) is False

    older = refresh(older)

    # The tree now holds the hotfix too: nobody has voted for that.
    assert older.status == Status.PENDING_APPROVAL
    assert older.base_release.name == "R-2"


def test_a_new_client_policy_voids_the_votes(prod, approved, refresh):
    """S105: what the client says is part of what was voted for."""
    release = approved(prod)

    release = refresh(release, policy_snapshot={"violations": []})

    assert release.policy_snapshot == {"violations": []}
    assert release.status == Status.PENDING_APPROVAL


def test_a_release_of_everything_picks_up_what_is_new(dev, edit, create, refresh):
    edit(dev, "one")
    release = create(dev)
    edit(dev, "two")

    release = refresh(release)

    objects = {row.document["object"] for row in release.changes.all()}
    assert {"one", "two"} <= objects


def test_a_selection_stays_what_it_was(dev, edit, create, refresh):
    """S31, S32."""
    edit(dev, "one")
    release = create(dev, change_ids=picked(dev, "one"))
    edit(dev, "one", fast="2")
    edit(dev, "two")

    release = refresh(release)

    objects = {row.document["object"] for row in release.changes.all()}
    assert "two" not in objects
    assert not release.takes_all


def test_what_vanished_is_dropped_with_a_note(dev, shipped, edit, create, refresh, do):
    shipped(dev)
    edit(dev, "one")
    edit(dev, "two")
    release = create(dev, change_ids=picked(dev, "one", "two"))
    do(environments.delete_manifests, dev, name="one", actor=None)

    release = refresh(release)

    assert [row.document["object"] for row in release.changes.all()] == ["two"]
    (dropped,) = AuditEntry.objects.get(event="release.refreshed").data["dropped"]
    assert "one" in dropped


def test_nothing_left_is_refused(dev, shipped, edit, create, do, alice):
    shipped(dev)
    edit(dev, "one")
    release = create(dev, change_ids=picked(dev, "one"))
    do(environments.delete_manifests, dev, name="one", actor=None)

    assert keeps_votes(fresh(release.pk)) is None
    with pytest.raises(errors.NoChanges):
        actions.refresh_release(release, actor=alice)


def test_whoever_deploys_may_refresh_the_same_content(prod, approved, refresh, dora):
    """The right to create is needed for other content only."""
    release = refresh(approved(prod), actor=dora)

    assert release.status == Status.APPROVED


def test_other_content_needs_the_right_to_create(prod, approved, edit, dora):
    release = approved(prod)
    edit(prod, fast="2")

    with pytest.raises(NotPermitted, match=r"releases\.create"):
        actions.refresh_release(fresh(release.pk), actor=dora)

    assert fresh(release.pk).status == Status.APPROVED


def test_who_refreshes_may_not_vote(prod, edit, create, refresh, shop, do):
    """S50: with the reason."""
    carol = make.user("carol")
    do(
        environments.grant_permissions,
        shop,
        to=carol,
        permissions=[
            Permission.VIEW_RELEASE,
            Permission.CREATE_RELEASE,
            Permission.APPROVE_RELEASE,
        ],
        actor=None,
    )
    edit(prod)

    release = refresh(create(prod), actor=carol)

    assert release.barred[str(carol.pk)] == "made this release"


def test_what_needs_no_vote_any_more_is_approved_by_the_system(
    prod, released, edit, create, refresh, do, shop, approve, deploy
):
    """S52: once the looser policy was released, and recorded as such."""
    released(prod)
    do(
        environments.set_policy,
        prod.environment,
        terms={"required_approvals": 0},
        actor=None,
    )
    deploy(approve(create(prod)))
    edit(prod, fast="2")
    do(
        environments.set_policy,
        prod.environment,
        terms={"required_approvals": 1},
        actor=None,
    )
    waiting = create(prod)
    assert waiting.status == Status.PENDING_APPROVAL
    do(
        environments.set_policy,
        prod.environment,
        terms={"required_approvals": 0},
        actor=None,
    )

    release = refresh(waiting)

    assert release.status == Status.APPROVED
    entry = AuditEntry.objects.filter(event="release.approved").latest("pk")
    assert entry.actor is None


def test_a_release_that_is_over_is_not_refreshed(prod, released, alice):
    release = released(prod)

    for status in ("deploying", "deployed", "failed", "rolled_back", "cancelled"):
        type(release).objects.update(status=status, cancel_kind="cancelled")
        with pytest.raises(InvalidState, match="refreshed"):
            actions.refresh_release(release, actor=alice)
