"""The source branch: one commit per edit, by its author, in order, never twice."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connections

from delivery import mirroring, source_mirror
from delivery.git import locks, maintenance, refs, trees
from delivery.git.repository import Repository
from delivery.models import HostedRepository
from delivery.repositories import repositories_of
from environments import actions, capture
from environments.desired.resolving import plain_files
from environments.models import Edit, VariableScope
from environments.permissions import Role
from environments.stored import DatabaseTexts
from gitopshq.core.errors import ConcurrentUpdate
from tests import make
from tests.delivery.conftest import CONFIG, git

pytestmark = pytest.mark.django_db


def log(project, form):
    source = repositories_of(project).source
    return git(source, "log", "--reverse", f"--format={form}", "source").splitlines()


def test_each_edit_is_a_commit_by_its_author_in_order(shop, prod, put):
    """S5, S59: who changed what, readable with git."""
    alice = make.user("alice", role=Role.MAINTAINER, on=shop, email="a@example.com")
    put(CONFIG.format(name="flags", value="1"), actor=alice, message="Fly the flags")
    put(CONFIG.format(name="flags", value="2"), actor=alice)

    source_mirror.catch_up(shop)

    edits = list(Edit.objects.filter(project=shop).order_by("sequence"))
    assert log(shop, "%H")[1:] == [edit.source_commit for edit in edits]
    assert log(shop, "%s")[1:] == [edit.message for edit in edits]
    assert log(shop, "%ad")[1:] == [
        edit.at.strftime("%a %b %-d %H:%M:%S %Y +0000") for edit in edits
    ]
    assert log(shop, "%an <%ae>")[-2:] == ["alice <a@example.com>"] * 2
    assert log(shop, "%an")[1] == log(shop, "%cn")[-1] == "GitOpsHQ"
    row = HostedRepository.objects.get(project=shop)
    assert (row.source_commit, row.source_edit) == (
        edits[-1].source_commit,
        edits[-1].sequence,
    )


def test_the_branch_holds_the_files_that_the_plain_diff_shows(
    shop, prod, put, variable
):
    api = make.workload(shop, "api", on=[prod])
    actions.set_values(api, text="replicas: {{hq.var.N}}\n", actor=None)
    actions.set_values(
        api,
        text="a: 1\n",
        tenant=prod.tenant,
        environment=prod.environment,
        actor=None,
    )
    actions.put_overlay(
        prod,
        name="edge",
        files={"kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": "a: 1\n"},
        actor=None,
    )
    variable("N", "3")
    variable("TOKEN", "correct horse battery", secret=True)
    place = actions.VariablePlace(shop, VariableScope.ENV, environment=prod.environment)
    actions.set_variable(place, key="N", value="4", actor=None)
    put(CONFIG.format(name="flags", value="1"))

    source_mirror.catch_up(shop)

    with Repository(repositories_of(shop).source) as repository:
        tree = repository.tree_of(refs.tip(repository, "source"))
        mirrored = {
            path: repository.read_blob(blob).decode()
            for path, blob in trees.list_files(repository, tree).items()
        }
    plain = plain_files(capture.state_of(prod), DatabaseTexts())
    assert mirrored.pop(source_mirror.RECORD)
    assert {"policies/prod.yaml", *plain} == mirrored.keys()
    assert {path: mirrored[path] for path in plain} == plain
    assert "correct horse" not in "".join(mirrored.values())


def test_what_is_removed_goes_from_the_branch(shop, prod, put):
    put(CONFIG.format(name="flags", value="1"))
    source_mirror.catch_up(shop)
    path = "targets/acme/prod/manifests/flags/a.yaml"
    assert path in git(repositories_of(shop).source, "ls-tree", "-r", "source")

    actions.delete_manifests(prod, name="flags", actor=None)
    source_mirror.catch_up(shop)

    assert path not in git(repositories_of(shop).source, "ls-tree", "-r", "source")


@pytest.mark.parametrize("lost", [1, 3])
def test_commits_made_before_a_crash_are_adopted(shop, prod, put, lost):
    """The ref had moved, the rows had not: nothing is committed twice."""
    for number in range(4):
        put(CONFIG.format(name="flags", value=number))
    source_mirror.catch_up(shop)
    before = log(shop, "%H")
    rows = Edit.objects.filter(project=shop).order_by("-sequence")
    known = {row.pk: row.source_commit for row in rows}
    Edit.objects.filter(pk__in=[row.pk for row in rows[:lost]]).update(source_commit="")

    source_mirror.catch_up(shop)

    assert log(shop, "%H") == before
    assert {row.pk: row.source_commit for row in rows.all()} == known
    put(CONFIG.format(name="flags", value="more"))
    source_mirror.catch_up(shop)
    assert log(shop, "%H")[:-1] == before


def test_a_backlog_is_written_in_few_packs(shop, put, monkeypatch):
    """With a pack for each edit, the next is looked for in all of them."""
    monkeypatch.setattr(source_mirror, "_BATCH", 5)
    source = repositories_of(shop).source
    source_mirror.catch_up(shop)
    before = maintenance.pack_count(source)
    for number in range(12):
        put(CONFIG.format(name="flags", value=number))

    source_mirror.catch_up(shop)

    assert maintenance.pack_count(source) == before + 3
    edits = list(Edit.objects.filter(project=shop).order_by("sequence"))
    assert log(shop, "%H")[1:] == [edit.source_commit for edit in edits]
    for edit in edits[-12:]:
        recorded = git(source, "show", f"{edit.source_commit}:{source_mirror.RECORD}")
        assert recorded == str(edit.sequence)
    assert git(source, "fsck", "--strict", "--no-dangling") == ""


def test_what_was_adopted_is_what_others_are_turned_back_to(shop, put):
    """Beside an older copy of the database: its last edit is another one here."""
    for number in range(4):
        put(CONFIG.format(name="flags", value=number))
    source_mirror.catch_up(shop)
    *_, third, last = Edit.objects.filter(project=shop).order_by("sequence")
    Edit.objects.filter(pk__in=[third.pk, last.pk]).update(source_commit="")
    Edit.objects.filter(pk=last.pk).update(at=last.at + timedelta(hours=1))

    source_mirror.catch_up(shop)

    *_, adopted, _stranger, turned_back, again = log(shop, "%H")
    assert adopted == third.source_commit
    assert again == Edit.objects.get(pk=last.pk).source_commit != last.source_commit
    source = repositories_of(shop).source
    assert git(source, "diff", adopted, turned_back) == ""


def test_an_edit_that_cannot_be_written_holds_up_none_before_it(shop, put):
    for number in range(4):
        put(CONFIG.format(name="flags", value=number))
    *_, last = Edit.objects.filter(project=shop).order_by("sequence")
    edited = source_mirror._edited

    def broken(repository, edit, *, parent):
        if edit == last:
            raise ZeroDivisionError
        return edited(repository, edit, parent=parent)

    with (
        patch.object(source_mirror, "_edited", broken),
        pytest.raises(ZeroDivisionError),
    ):
        source_mirror.catch_up(shop)
    there = log(shop, "%H")
    assert len(there) == last.sequence

    source_mirror.catch_up(shop)

    edits = Edit.objects.filter(project=shop).order_by("sequence")
    assert log(shop, "%H")[1:] == [edit.source_commit for edit in edits]
    assert log(shop, "%H")[:-1] == there


def test_a_worker_does_not_wait_for_whoever_is_at_the_branch(shop, put):
    """They take along what is new; else two stand still for one branch."""
    put(CONFIG.format(name="flags", value="1"))
    waited = []
    with patch.object(
        locks, "_wait_for", side_effect=lambda *asked: waited.append(asked)
    ):
        mirroring.mirror(project_id=shop.pk)

    assert waited[0][2] <= time.monotonic()


def test_a_branch_that_stays_locked_is_a_conflict_and_no_crash(shop, put):
    put(CONFIG.format(name="flags", value="1"))
    entered, done = threading.Event(), threading.Event()
    source = repositories_of(shop).source

    def hold():
        with locks.lock(source):
            entered.set()
            done.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(30)
    try:
        with pytest.raises(ConcurrentUpdate):
            source_mirror.catch_up(shop, patience_seconds=0.01)
        mirroring.mirror(project_id=shop.pk)
    finally:
        done.set()
        holder.join()
    mirroring.mirror_all()

    assert not Edit.objects.filter(source_commit="").exists()


@pytest.mark.django_db(transaction=True)
def test_callers_at_the_same_time_commit_each_edit_once(shop, prod, put):
    Edit.objects.filter(project=shop).update(source_commit="")
    for number in range(4):
        put(CONFIG.format(name="flags", value=number))

    def catch_up(_):
        try:
            source_mirror.catch_up(shop)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as callers:
        list(callers.map(catch_up, range(4)))

    edits = Edit.objects.filter(project=shop).order_by("sequence")
    assert log(shop, "%H")[1:] == [edit.source_commit for edit in edits]


def test_before_the_first_edit_the_source_is_the_root_commit(shop):
    assert source_mirror.source_commit_of(shop, 0) == log(shop, "%H")[0]
    assert source_mirror.source_commit_of(shop, 10**6) == ""
