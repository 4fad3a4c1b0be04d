"""Moving main: by permission, from where it stood, through one door."""

import ast
import inspect
from functools import partial
from pathlib import Path

import pytest
from django.db import transaction

from delivery import advancing, publishing, tips
from delivery.git import locks, refs, repository
from delivery.git.maintenance import fsck
from delivery.models import HostedRepository, RefMove
from delivery.repositories import repositories_of
from environments.locking import lock_project
from gitopshq.core.errors import Locked
from tests.delivery.conftest import CONFIG, commit_of, git

pytestmark = pytest.mark.django_db

ROOT = Path(advancing.__file__).parents[1]


class Frozen(Locked):
    code = "frozen_in_a_test"
    message = "frozen"


def refuse():
    raise Frozen


def advance(project, *, old, new, permit=lambda: None):
    with transaction.atomic():
        lock_project(project)
        return advancing.advance_ref(
            project, old=old, new=new, job="R-1", permit=permit
        )


@pytest.fixture
def built(prod, put, rendered):
    """Build a commit of a rendering on the tip; ``built()`` gives tip and commit."""

    def build(value="1"):
        put(CONFIG.format(name="flags", value=value))
        tip = publishing.tip_of(prod.project)
        commit = commit_of(prod, rendered().tree)
        return tip, publishing.build_release_commit(commit, tip=tip)

    return build


def test_a_permitted_commit_is_published_whole(shop, prod, rendered, built):
    """S69, S71: the folder is the rendered tree, beside it the bookkeeping."""
    tip, commit = built()
    called = []

    assert advance(shop, old=tip, new=commit, permit=partial(called.append, 1))

    main = repositories_of(shop).main
    assert called == [1]
    assert publishing.tip_of(shop) == commit
    assert git(main, "rev-parse", f"{commit}:acme/prod") == rendered().tree
    assert git(main, "ls-tree", "-r", "--name-only", commit).splitlines() == [
        ".argocd/acme/prod.yaml",
        ".flux/acme/prod.yaml",
        ".gitopshq/acme/prod.json",
        "acme/prod/flags/configmap-flags.yaml",
    ]
    assert fsck(main) == []
    assert HostedRepository.objects.get(project=shop).main_commit == commit
    move = RefMove.objects.get()
    assert (move.old_commit, move.new_commit, move.job) == (tip, commit, "R-1")
    assert list((main / "gitopshq-drafts").iterdir()) == []


def test_without_permission_nothing_moves_and_nothing_is_held(shop, built):
    """S98, S130: what was not let through cannot be fetched by its id."""
    tip, commit = built()

    with pytest.raises(Frozen):
        advance(shop, old=tip, new=commit, permit=refuse)

    main = repositories_of(shop).main
    assert publishing.tip_of(shop) == tip
    assert not publishing.is_published(shop, commit)
    git(main, "cat-file", "-e", commit, code=1)
    assert not RefMove.objects.exists()
    assert advance(shop, old=tip, new=commit), "it may be let through later"


def test_a_lost_swap_is_false_and_building_again_succeeds(shop, built):
    """S76: another writer was faster."""
    tip, late = built("1")
    _, winner = built("2")
    assert advance(shop, old=tip, new=winner)

    assert not advance(shop, old=tip, new=late)

    assert publishing.tip_of(shop) == winner
    git(repositories_of(shop).main, "cat-file", "-e", late, code=1)
    tip, again = built("1")
    assert tip == winner
    assert advance(shop, old=tip, new=again)
    assert RefMove.objects.count() == 2


def test_what_was_not_prepared_is_copied(shop, built):
    """A draft may have been cleared while the release waited."""
    tip, commit = built()
    for draft in (repositories_of(shop).main / "gitopshq-drafts").iterdir():
        draft.unlink()

    assert advance(shop, old=tip, new=commit)
    assert fsck(repositories_of(shop).main) == []


def test_a_busy_repository_is_a_lost_swap(shop, built, monkeypatch):
    tip, commit = built()

    def stay_busy(path, *, timeout_seconds):
        raise locks.RepositoryBusy(path)

    with monkeypatch.context() as patch:
        patch.setattr(locks, "lock", stay_busy)
        assert not advance(shop, old=tip, new=commit)

    assert publishing.tip_of(shop) == tip


def test_after_a_crash_the_row_learns_of_what_was_published(shop, built):
    """The ref had moved, the transaction was lost."""
    tip, first = built("1")
    assert advance(shop, old=tip, new=first)
    _, second = built("2")
    with transaction.atomic():
        lock_project(shop)
        advancing.advance_ref(shop, old=first, new=second, job="R-2", permit=list)
        transaction.set_rollback(True)

    row = HostedRepository.objects.get(project=shop)
    assert (row.main_commit, publishing.tip_of(shop)) == (first, second)
    assert publishing.is_published(shop, second)
    assert tips.check_all() == []

    row = HostedRepository.objects.get(project=shop)
    assert row.main_commit == second
    moves = RefMove.objects.order_by("pk").values_list("new_commit", "job")
    assert list(moves) == [(first, "R-1"), (second, tips.ADOPTED)]


def test_nothing_is_built_on_a_branch_that_lost_commits(shop, built, caplog):
    """An old copy was put back: what other targets run would go."""
    tip, first = built("1")
    assert advance(shop, old=tip, new=first)
    main = repositories_of(shop).main
    (main / "refs" / "heads" / "main").write_text(f"{tip}\n")

    wrong = tips.check_all()
    _, second = built("2")
    with pytest.raises(tips.BranchAstray):
        advance(shop, old=tip, new=second)

    assert len(wrong) == 1
    assert first in wrong[0]
    assert wrong[0] in caplog.text
    assert publishing.tip_of(shop) == tip


def test_what_no_recorded_move_led_to_is_not_brought_back(shop, built):
    """S3: the row alone moves nothing; a commit that was asked about left a move."""
    tip, commit = built()
    HostedRepository.objects.create(project=shop, main_commit=commit)

    with pytest.raises(tips.BranchAstray, match=commit):
        advancing.bring_back(shop)

    assert publishing.tip_of(shop) == tip


def test_permission_is_always_asked():
    """S116: there is no default to forget it by."""
    asked = inspect.signature(advancing.advance_ref).parameters["permit"]

    assert asked.default is inspect.Parameter.empty


def test_main_has_one_writer():
    """S3, S7: only a deploy calls what moves the branch; only one module can."""
    callers = {
        name: {
            str(path.relative_to(ROOT))
            for package in ("delivery", "releases", "approvals", "environments")
            for path in (ROOT / package).rglob("*.py")
            if name in called_in(path)
        }
        for name in (
            "advance_ref",
            "bring_back",
            "publish",
            "compare_and_swap",
            "set_if_equals",
        )
    }

    assert callers == {
        "advance_ref": {"releases/deployment.py"},
        "bring_back": {"delivery/mending.py"},
        "publish": {"delivery/advancing.py"},
        "compare_and_swap": {
            "delivery/git/publishing.py",
            "delivery/source_mirror.py",
        },
        "set_if_equals": {"delivery/git/refs.py"},
    }


def called_in(path):
    return {
        getattr(node.func, "attr", getattr(node.func, "id", None))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }


def test_the_source_branch_does_not_move_main(shop, prod, put, do):
    """S3, S7, S121: editing anything leaves the delivery branch as it was."""
    tip = publishing.tip_of(shop)

    do(put, CONFIG.format(name="flags", value="1"))

    with repository.Repository(repositories_of(shop).source) as source:
        assert refs.tip(source, "source") != tip
        assert refs.tip(source, "main") == tip
    assert publishing.tip_of(shop) == tip
