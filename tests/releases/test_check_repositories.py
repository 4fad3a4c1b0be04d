"""``manage.py fsck``: what is wrong between repositories and database, and mended."""

import json
import os
import shutil
import time

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from delivery import publishing, tips
from delivery.git import locks, maintenance, refs
from delivery.git.repository import Repository
from delivery.models import HostedRepository, RefMove, RenderedUnit
from delivery.repositories import repositories_of
from environments.models import Edit
from gitopshq.core.models import AuditEntry
from releases import mending, soundness, tasks
from releases.locking import fresh
from releases.models import Release, Status
from tests import make
from tests.git.make import commit_edits
from tests.releases.reading import git


@pytest.fixture
def places(shop):
    return repositories_of(shop)


def kinds(project, *, deep=True):
    return [str(one.kind) for one in soundness.check(project, deep=deep)]


def mended(project):
    """Repair, and return the kinds that were mended and those that are left."""
    left = [str(one.kind) for one in mending.mend(project, deep=True)]
    entries = AuditEntry.objects.filter(event="repository.mended").order_by("pk")
    return [entry.data["kind"] for entry in entries], left


def fsck(capsys, *arguments):
    """Call the command; return its exit code and what it says."""
    try:
        call_command("fsck", *arguments)
    except SystemExit as end:
        return end.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_a_sound_installation_has_no_findings(
    shop, dev, prod, shipped, released, places, capsys
):
    """Two targets, an empty project, and what is approved but not out."""
    shipped(dev, fast="1")
    released(prod, fast="1")
    shipped(dev, fast="2")

    assert fsck(capsys) == (0, "")
    assert fsck(capsys, "--project", "shop", "--quick", "--json") == (0, "[]\n")
    places.folder.with_name("gone").mkdir()
    assert fsck(capsys)[1].startswith("repository-of-nobody gone repositories/gone:")
    with pytest.raises(CommandError) as wrong:
        call_command("fsck", "--project", "nowhere")
    assert wrong.value.returncode == 2


def test_a_served_repository_that_lost_commits_goes_forward_again(
    shop, dev, shipped, places, capsys
):
    """An older copy of main.git was put back, or none at all."""
    shipped(dev, fast="1")
    shutil.copytree(places.main, places.folder / "old", symlinks=True)
    last = shipped(dev, fast="2")
    shutil.rmtree(places.main)
    (places.folder / "old").rename(places.main)

    code, said = fsck(capsys, "--json")
    assert code == 1
    [finding] = json.loads(said)
    assert finding["kind"] == "main-lost-commits"
    assert finding["object"] == last.commit_sha
    assert mended(shop) == (["main-lost-commits"], [])
    assert publishing.tip_of(shop) == last.commit_sha

    shutil.rmtree(places.main)
    assert kinds(shop) == ["repository-missing"]
    assert mended(shop)[1] == []
    assert publishing.tip_of(shop) == last.commit_sha
    assert maintenance.fsck(places.main) == []
    assert shipped(dev, fast="3").status == Status.DEPLOYED
    assert kinds(shop) == []


def test_another_history_is_told_and_not_touched(shop, dev, shipped, places, capsys):
    shipped(dev, fast="1")
    with Repository(places.main) as served, locks.lock(places.main):
        root = git(
            fresh(Release.objects.get().pk), "rev-list", "--max-parents=0", "main"
        )
        stray = commit_edits(served, root, {"a.yaml": b"a: 1\n"})
    (places.main / "refs/heads/main").write_text(f"{stray}\n")

    code, said = fsck(capsys, "--repair", "--quick")

    assert code == 1
    assert said.startswith("main-lost-commits shop ")
    assert "restore" in said
    assert publishing.tip_of(shop) == stray


def test_rows_that_lag_behind_are_written(shop, dev, shipped):
    """A crash between the ref and the row, and moves that nobody recorded."""
    first, second = shipped(dev, fast="1"), shipped(dev, fast="2")
    HostedRepository.objects.update(main_commit=first.commit_sha)
    RefMove.objects.all().delete()

    done, left = mended(shop)

    assert (done, left) == (["main-ahead", "move-unrecorded"], [])
    moves = RefMove.objects.order_by("pk").values_list("new_commit", "job")
    assert set(moves) == {
        (first.commit_sha, tips.ADOPTED),
        (second.commit_sha, tips.ADOPTED),
    }
    assert HostedRepository.objects.get().main_commit == second.commit_sha
    HostedRepository.objects.update(main_commit="")
    assert tips.check_all() == []
    assert HostedRepository.objects.get().main_commit == second.commit_sha


def test_a_lost_mirror_is_made_again_commit_for_commit(
    shop, dev, shipped, edit, places
):
    shipped(dev, fast="1")
    edit(dev, fast="2")
    with Repository(places.source) as source:
        tip = refs.tip(source, "source")
    shutil.rmtree(places.source)

    done, left = mended(shop)

    assert (done, left) == (["repository-missing", "source-lost-commits"], [])
    with Repository(places.source) as source:
        assert refs.tip(source, "source") == tip
    edit(dev, fast="3")
    assert kinds(shop) == []


def test_an_edit_that_comes_out_differently_is_left_to_people(
    shop, dev, edit, places, alice
):
    """Its author was renamed since: other commits than those that releases name."""
    edit(dev, actor=alice, fast="1")
    type(alice).objects.filter(pk=alice.pk).update(username="alicia")
    shutil.rmtree(places.source)

    assert mended(shop) == (["repository-missing"], ["source-lost-commits"])


def test_lost_renderings_are_filled_again(
    shop, dev, prod, shipped, approved, deploy, places
):
    """What was published is copied back, what waits for its deploy is made again."""
    shipped(dev, fast="1")
    waiting = approved(prod, fast="7")
    shutil.rmtree(places.renderings)

    done, left = mended(shop)

    assert left == []
    assert done[0] == "repository-missing"
    assert {"rendering-lost", "commit-not-kept"} <= set(done)
    assert deploy(waiting).status == Status.DEPLOYED
    assert kinds(shop) == []


def test_a_tree_that_comes_out_differently_is_left_to_people(
    shop, dev, shipped, places
):
    release = shipped(dev, fast="1")
    type(release.rendering).objects.update(tree="7" * 40)
    RenderedUnit.objects.update(tree="7" * 40)

    assert "rendering-lost" in mended(shop)[1]


def test_what_no_branch_reaches_is_taken_out(shop, dev, shipped, places):
    """S98: by its id it could be fetched."""
    release = shipped(dev, fast="1")
    with Repository(places.main) as served, locks.lock(places.main):
        commit_edits(served, release.commit_sha, {"a.yaml": b"a: 1\n"})

    assert kinds(shop, deep=False) == []
    assert kinds(shop) == ["unreachable-objects"]
    assert mended(shop) == (["unreachable-objects"], [])


def test_a_broken_pack_names_what_to_restore(shop, dev, shipped, places, capsys):
    shipped(dev, fast="1")
    for pack in (places.main / "objects/pack").glob("*.pack"):
        pack.chmod(0o644)
        pack.write_bytes(pack.read_bytes()[:-40] + bytes(40))

    code, said = fsck(capsys, "--repair")

    assert code == 1
    assert "restore main.git from a backup" in said
    assert "git-damage shop main.git" in said


def test_leftovers_are_cleared_when_they_are_old(shop, dev, shipped, places):
    shipped(dev, fast="1")
    old = time.time() - 7200
    drafts = places.main / "gitopshq-drafts"
    left = [
        places.main / "refs/heads/main.lock",
        places.renderings / "objects/pack/tmp_pack_1",
        drafts / f"{'1' * 40}.pack",
        places.folder / ".main.git-abc",
    ]
    for path in left:
        path.write_bytes(b"half") if path != left[3] else path.mkdir()
        os.utime(path, (old, old))
    (drafts / "young.pack").write_bytes(b"half")

    assert kinds(shop, deep=False) == ["leftover"] * 4
    assert mended(shop) == (["leftover"], [])
    assert not any(path.exists() for path in left)
    assert (drafts / "young.pack").exists(), "its release may be on its way"


def test_each_release_has_its_commit(shop, dev, shipped):
    """What a hand changed in the database shows, and nothing is made up."""
    first, second = shipped(dev, fast="1"), shipped(dev, fast="2")
    rows = Release.objects.filter(pk=first.pk)
    assert kinds(shop) == []

    rows.update(commit_sha=second.commit_sha)
    found = set(kinds(shop))
    rows.update(commit_sha="5" * 40)
    gone = kinds(shop)
    rows.update(commit_sha=first.commit_sha, digest="6" * 64)

    assert "commit-of-two-releases" in found
    assert gone == ["release-not-on-main"]
    assert mended(shop) == ([], ["record-differs"])


def test_edits_nobody_knows_are_turned_back(shop, dev, edit, places):
    """An older database beside a newer mirror: a number is given twice."""
    edit(dev, fast="1")
    known = Edit.objects.latest("sequence")
    row = HostedRepository.objects.values().get()
    edit(dev, fast="lost")
    Edit.objects.filter(sequence__gt=known.sequence).delete()
    type(shop).objects.update(edit_sequence=known.sequence)
    HostedRepository.objects.update(**row)

    assert kinds(shop) == ["source-ahead"]
    edit(dev, fast="2")

    assert kinds(shop) == []
    source = places.source
    with Repository(source) as mirror:
        tip = refs.tip(mirror, "source")
    again = Edit.objects.latest("sequence")
    assert (again.sequence, again.source_commit) == (known.sequence + 1, tip)


def test_operators_see_what_the_night_found(client, shop, dev, shipped, caplog):
    """X2: on the page of the system, and in the log."""
    root = make.user("root", is_superuser=True, is_staff=True)
    client.force_login(root)
    cache.delete("fsck")
    assert "never: manage.py fsck" in client.get("/admin/system").content.decode()
    shipped(dev, fast="1")
    tasks.check_repositories()
    assert '<th scope="row">Findings</th><td>none</td>' in (
        client.get("/admin/system").content.decode()
    )
    RefMove.objects.all().delete()

    tasks.check_repositories()

    assert "fsck: move-unrecorded shop" in caplog.text
    page = client.get("/admin/system").content.decode()
    assert '<th scope="row">Finding 1</th><td>move-unrecorded shop' in page
    cache.delete("fsck")
