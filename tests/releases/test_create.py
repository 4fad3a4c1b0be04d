"""Creating a release: what it takes from the pool, and where its life begins."""

from datetime import UTC, datetime

import pytest

from environments import actions as environments
from environments.models import VariableScope
from environments.permissions import Role
from gitopshq.core.errors import (
    ConcurrentUpdate,
    NotPermitted,
    TooLarge,
    ValidationError,
)
from gitopshq.core.models import AuditEntry, Notification
from releases import actions as releasing
from releases import errors
from releases.locking import fresh
from releases.models import ReleaseChange, Status
from releases.pending import pool_of
from tests import make


def ids(target, *words):
    """Return the ids of pending changes whose summary has one of the words."""
    return [
        row.change.id
        for row in pool_of(target).rows
        if any(word in row.change.summary for word in words)
    ]


def test_an_open_environment_gives_a_draft(dev, edit, create):
    """S12, S35: captured, not yet submitted."""
    edit(dev)

    release = create(dev)

    assert release.status == Status.DRAFT
    assert release.changes.count() > 0


def test_a_gated_environment_gives_a_pending_release_and_tells_approvers(
    prod, edit, create, bob
):
    """S13, S34: created in pending_approval; approvers hear once it is rendered."""
    edit(prod)

    release = create(prod)

    assert release.status == Status.PENDING_APPROVAL
    told = Notification.objects.filter(recipient=bob)
    assert [n.title for n in told] == [f"Approval wanted: {release}"]


def test_numbers_count_from_one_and_never_come_again(dev, prod, edit, create):
    """S1: one version identity, unique and monotone in the project."""
    edit(dev)
    edit(prod)

    assert [create(dev).number, create(prod).number] == [1, 2]


def test_a_release_takes_everything_by_default(dev, edit, create):
    """S30: all pending changes."""
    edit(dev, fast="1", slow="2")
    pending = {row.change.id for row in pool_of(dev).rows}

    release = create(dev)

    assert set(release.changes.values_list("change_id", flat=True)) == pending
    assert pool_of(dev).count == 0


def test_deselected_changes_stay_pending_and_out_of_the_release(dev, edit, create):
    """S31, S32, S119: a partial release ships what was ticked and nothing else."""
    edit(dev, "flags", fast="1")
    edit(dev, "later", slow="2")
    chosen = ids(dev, "flags")

    release = create(dev, change_ids=chosen)

    left = [row.change.object for row in pool_of(dev).rows if not row.claimed_by]
    assert left == ["later"]
    assert "later" not in str(release.snapshot.document)
    assert release.rendering.state == "ready"


def test_a_first_release_carries_the_policy_whatever_is_ticked(prod, edit, create):
    edit(prod)

    release = create(prod, change_ids=ids(prod, "flags"))

    types = set(release.changes.values_list("type", flat=True))
    assert "environment_policy" in types
    assert release.snapshot.document["policy"] is not None


def test_a_change_is_in_one_open_release_only(dev, edit, create):
    edit(dev)
    chosen = ids(dev, "flags")
    first = create(dev)

    with pytest.raises(errors.ChangeAlreadyClaimed) as refusal:
        create(dev, change_ids=chosen)

    assert refusal.value.details["claimed"] == {chosen[0]: first.name}


def test_nothing_pending_is_no_release(shipped, dev, create):
    shipped(dev)

    with pytest.raises(errors.NoChanges):
        create(dev)


def test_a_revision_that_moved_is_refused(dev, edit, create):
    edit(dev, fast="1")
    (row,) = [r for r in pool_of(dev).rows if r.change.object == "flags"]
    named = f"{row.change.id}@{row.change.revision}"
    edit(dev, fast="2")

    with pytest.raises(ConcurrentUpdate):
        create(dev, change_ids=[named])


def test_an_unknown_change_is_named_by_pointer(dev, edit, create):
    edit(dev)

    with pytest.raises(ValidationError) as refusal:
        create(dev, change_ids=["0" * 32])

    assert [e.pointer for e in refusal.value.errors] == ["/changeIds/0"]


def test_a_text_needs_the_variable_it_names(dev, edit, create, do, shop):
    """S113: what is missing is named, with the change that needs it."""
    edit(dev, fast="{{hq.var.SPEED}}")
    place = environments.VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, place, key="SPEED", value="9", actor=None)

    with pytest.raises(errors.MissingDependency) as refusal:
        create(dev, change_ids=ids(dev, "flags"))

    (needed,) = refusal.value.details["missing"].values()
    assert needed == ids(dev, "SPEED")
    assert "SPEED" in str(refusal.value)


def test_the_client_policy_snapshot_is_kept_word_for_word(dev, edit, create):
    """S8, S9: stored as sent, not evaluated at creation, though it denies."""
    edit(dev)
    sent = {"violations": [{"enforcement": "deny", "msg": "no"}], "x": [1, None, "é"]}

    release = create(dev, content={"policy_snapshot": sent})

    assert fresh(release.pk).policy_snapshot == sent


def test_a_policy_snapshot_has_a_limit(dev, edit, create):
    edit(dev)

    with pytest.raises(TooLarge):
        create(dev, content={"policy_snapshot": "x" * (256 * 1024)})


@pytest.mark.parametrize("title", ["", "  ", "two\nlines"])
def test_a_title_is_one_line(dev, edit, create, title):
    """S112: a clear title."""
    edit(dev)

    with pytest.raises(ValidationError) as refusal:
        create(dev, content={"title": title})

    assert refusal.value.errors[0].pointer == "/title"


def test_creating_needs_the_right(dev, edit, create, bob):
    """S88: releases.create."""
    edit(dev)

    with pytest.raises(NotPermitted, match=r"releases\.create"):
        create(dev, actor=bob)

    assert not ReleaseChange.objects.exists()


def test_the_baseline_is_the_commit_of_the_last_edit(dev, edit, create, shop):
    """S59: the source commit at creation."""
    edit(dev)
    edit(dev, fast="2")

    release = create(dev)

    last = shop.edits.order_by("-sequence").first()
    assert release.baseline_edit == last.sequence
    assert release.baseline_source_sha == last.source_commit
    assert len(release.baseline_source_sha) == 40


def test_who_edited_and_who_made_it_are_barred(dev, edit, create, alice, shop):
    """S50: with reasons, fixed when the release is cut."""
    carol = make.user("carol")
    edit(dev, actor=None)
    environments.grant_role(shop, to=carol, role=Role.DEVELOPER, actor=None)
    edit(dev, fast="9", actor=carol)

    release = create(dev)

    assert release.barred == {
        str(alice.pk): "made this release",
        str(carol.pk): "edited a change in it",
    }
    entry = AuditEntry.objects.get(event="release.created")
    assert entry.data["barred"] == {
        "alice": "made this release",
        "carol": "edited a change in it",
    }


def test_creation_is_recorded(dev, edit, create, alice):
    """S5: who, what, when."""
    edit(dev)

    release = create(dev)

    entry = AuditEntry.objects.get(event="release.created")
    assert (entry.actor, entry.object_id) == (alice, str(release.pk))


def test_a_freeze_shows_as_a_change_that_cannot_be_ticked(dev, edit, create, do):
    """S25: the freeze state is shown, never selectable, not in the snapshot."""
    edit(dev)
    do(environments.freeze, dev.environment, reason="fair", until=None, actor=None)
    dev.environment = type(dev.environment).objects.get(pk=dev.environment_id)
    (row,) = [r for r in pool_of(dev).rows if r.change.facet == "freeze_state"]

    assert not row.is_selectable
    with pytest.raises(ValidationError):
        create(dev, change_ids=[row.change.id])


@pytest.mark.parametrize("year", [1, 1969, 2200, 9999])
@pytest.mark.parametrize("end", ["planned_start", "planned_end"])
def test_a_window_that_some_clock_cannot_show_is_refused(year, end):
    """The page of such a release would open for nobody east, or west, of Greenwich."""
    content = releasing.Content(title="T", **{end: datetime(year, 12, 31, tzinfo=UTC)})

    with pytest.raises(ValidationError):
        content.check()
