"""Editing a draft: words re-snapshot nothing, a selection does."""

import pytest

from environments.permissions import Role
from gitopshq.core.errors import InvalidState, NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from releases import actions
from releases.locking import fresh
from releases.models import Status
from releases.pending import pool_of
from tests import make


@pytest.fixture
def change(do, alice):
    def press(release, *, actor=alice, **kwargs):
        kwargs.setdefault("changed", {})
        do(actions.edit_release, fresh(release.pk), actor=actor, **kwargs)
        return fresh(release.pk)

    return press


def picked(target, name):
    return [row.change.id for row in pool_of(target).rows if row.change.object == name]


def test_words_change_the_digest_and_nothing_else(dev, edit, create, change):
    """S12, S33, S123, S125: title, notes, window, owner, plan."""
    edit(dev)
    draft = create(dev)
    edit(dev, fast="2")

    release = change(
        draft, changed={"title": "Better", "notes": "Why", "fallback_owner": "olga"}
    )

    assert (release.title, release.notes) == ("Better", "Why")
    assert release.fallback_owner == "olga"
    assert release.snapshot == draft.snapshot
    assert release.baseline_edit == draft.baseline_edit
    assert release.digest not in ("", draft.digest)


def test_a_selection_is_cut_from_current_source(dev, edit, create, change):
    """S31: what is dropped is free again."""
    edit(dev, "one")
    edit(dev, "two")
    draft = create(dev)
    edit(dev, "one", fast="2")

    release = change(draft, change_ids=picked(dev, "one"))

    assert "two" not in {row.document["object"] for row in release.changes.all()}
    (two,) = [row for row in pool_of(dev).rows if row.change.object == "two"]
    assert two.claimed_by is None
    assert release.baseline_edit > draft.baseline_edit


def test_no_selection_means_everything(dev, edit, create, change):
    edit(dev, "one")
    draft = create(dev, change_ids=picked(dev, "one"))
    edit(dev, "two")

    release = change(draft, change_ids=None)

    assert "two" in {row.document["object"] for row in release.changes.all()}
    assert release.takes_all


def test_only_a_draft_is_edited(prod, edit, create, alice):
    """S12, S13: security.md 3, nothing changes after the first vote."""
    edit(prod)

    with pytest.raises(InvalidState, match="cannot be edited"):
        actions.edit_release(create(prod), actor=alice, changed={"title": "x"})


def test_editing_needs_the_right_to_create(dev, edit, create, bob):
    """S88."""
    edit(dev)

    with pytest.raises(NotPermitted, match=r"releases\.create"):
        actions.edit_release(create(dev), actor=bob, changed={"title": "x"})


def test_who_edits_may_not_vote(dev, edit, create, change, shop):
    """S50: the second author is an author."""
    dana = make.user("dana", role=Role.DEVELOPER, on=shop)
    edit(dev)

    release = change(create(dev), actor=dana, changed={"notes": "mine"})

    assert release.barred[str(dana.pk)] == "made this release"


def test_before_and_after_are_recorded(dev, edit, create, change):
    """S5."""
    edit(dev)
    change(create(dev), changed={"title": "Better"})

    entry = AuditEntry.objects.get(event="release.edited")
    assert entry.before["title"] == "Change flags"
    assert entry.after["title"] == "Better"


def test_an_empty_title_changes_nothing(dev, edit, create, alice):
    edit(dev)
    release = create(dev)

    with pytest.raises(ValidationError):
        actions.edit_release(
            release, actor=alice, changed={"title": " ", "notes": "new"}
        )

    assert fresh(release.pk).notes == ""
    assert fresh(release.pk).status == Status.DRAFT
