"""docs/backup.md, done: back up while deploys go on, restore elsewhere, and go on."""

import contextlib
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from delivery import backup, publishing
from delivery.repositories import repositories_of
from environments.models import Project
from gitopshq.core import audit_checks
from gitopshq.core.models import AuditEntry
from releases import soundness
from releases.locking import fresh
from releases.models import Release, Status
from tests.releases.reading import commits_of, git

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'sqlite'", reason="a dump of PostgreSQL is pg_dump's work"
    ),
]


@pytest.fixture
def restore(settings, tmp_path):
    """Put a backup in the place of what is there, as a new data folder."""

    def put_back(folder: Path, *, database: Path | None = None) -> None:
        data = tmp_path / f"restored-{folder.name}"
        shutil.copytree(folder, data, symlinks=True)
        (data / "tools").symlink_to(settings.DATA_DIR / "tools")
        settings.DATA_DIR = data
        with contextlib.closing(
            sqlite3.connect(database or data / backup.DATABASE)
        ) as copy:
            copy.backup(connection.connection)

    return put_back


def fsck(capsys):
    """Repair; return the exit code and the kinds that are left."""
    try:
        call_command("fsck", "--repair")
    except SystemExit as end:
        said = capsys.readouterr().out.splitlines()
        return end.code, [line.split()[0] for line in said]
    return 0, []


def test_a_backup_amid_deploys_is_restored_and_goes_on(
    settings, shop, dev, prod, shipped, approved, deploy, edit, restore, tmp_path,
    monkeypatch, capsys,
):  # fmt: skip
    """The database first: whatever came later is on main, and converges."""
    shipped(dev, fast="1")
    waiting = approved(prod, fast="2")
    (settings.DATA_DIR / "secrets").mkdir()
    (settings.DATA_DIR / "secrets" / "secret_key").write_text("kept")
    copy_repositories = backup.copy_repositories
    came_later = []

    def go_on_deploying(folder):
        came_later.extend([deploy(waiting), shipped(dev, fast="3")])
        edit(dev, fast="4")
        copy_repositories(folder)

    monkeypatch.setattr(backup, "copy_repositories", go_on_deploying)
    call_command("backup", tmp_path / "backup")
    with pytest.raises(CommandError, match="is there already"):
        call_command("backup", tmp_path / "backup")
    shipped(dev, fast="5")

    restore(tmp_path / "backup")
    assert (settings.DATA_DIR / "secrets" / "secret_key").read_text() == "kept"
    assert fresh(waiting.pk).status == Status.APPROVED
    code, left = fsck(capsys)

    assert (code, left) == (1, ["commit-without-release", "target-differs"])
    assert not audit_checks.verify().ok, "main tells that the trail lost entries"
    adopted = fresh(waiting.pk)
    assert adopted.status == Status.DEPLOYED
    assert adopted.commit_sha == came_later[0].commit_sha
    assert commits_of(adopted) == 1
    assert AuditEntry.objects.filter(event="release.commit_adopted").count() == 1
    lost = came_later[1]
    assert publishing.tip_of(shop) == lost.commit_sha
    again = shipped(dev, fast="6")
    assert again.status == Status.DEPLOYED
    assert again.number == lost.number + 1, "no number is given twice"
    assert git(again, "rev-parse", f"{again.commit_sha}~1") == lost.commit_sha
    assert fsck(capsys) == (0, [])


def test_older_repositories_are_filled_from_each_other_or_a_clone(
    settings, shop, dev, shipped, restore, tmp_path, capsys
):
    shipped(dev, fast="1")
    call_command("backup", tmp_path / "old")
    last = shipped(dev, fast="2")
    call_command("backup", tmp_path / "new")
    clone = tmp_path / "clone.git"
    run_git("clone", "--quiet", "--bare", repositories_of(shop).main, clone)

    restore(tmp_path / "old", database=tmp_path / "new" / backup.DATABASE)
    code, left = fsck(capsys)
    assert code == 1
    assert "main-lost-commits" in left
    places = repositories_of(shop)
    run_git(f"--git-dir={places.renderings}", "fetch", "--quiet", clone, "HEAD")

    assert fsck(capsys) == (0, [])
    assert publishing.tip_of(shop) == last.commit_sha
    assert shipped(dev, fast="3").status == Status.DEPLOYED
    assert soundness.check(Project.objects.get(), deep=True) == []
    assert Release.objects.filter(status=Status.DEPLOYED).count() == 3


def run_git(*arguments):
    subprocess.run(
        ["git", "-c", "safe.directory=*", *map(str, arguments)],
        check=True,
        capture_output=True,
    )
