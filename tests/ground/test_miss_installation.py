"""``./run manage`` where nothing is installed: what a newcomer reads."""

import sqlite3
from contextlib import closing

import pytest

from gitopshq.supervisor import __main__ as command
from gitopshq.supervisor import environment, folder
from tests.stack import Stack


@pytest.mark.parametrize("asked", ["fsck", "verify_audit"])
def test_without_an_installation_it_says_what_to_do(tmp_path, asked):
    done = Stack(tmp_path / "data").run("manage", asked)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"run: there is no installation in {tmp_path}/data")
    assert "Traceback" not in done.stderr


def test_what_fails_in_an_installation_is_not_hidden(tmp_path):
    with closing(sqlite3.connect(tmp_path / "gitopshq.sqlite3")) as database:
        database.execute("CREATE TABLE django_migrations (id)")

    done = Stack(tmp_path).run("manage", "fsck")

    assert done.returncode == 1
    assert "no such table: environments_project" in done.stderr
    assert "no installation" not in done.stderr


@pytest.mark.parametrize("is_up", [False, True])
def test_a_demo_that_runs_is_named(monkeypatch, tmp_path, is_up):
    monkeypatch.setattr(environment, "DEMO", tmp_path)

    with folder.held(tmp_path):
        if is_up:
            there = folder.Running(1, "http://127.0.0.1:8000", "redis://there/0", None)
            folder.announce(tmp_path, there)
        said = command._nothing_in("/srv/var")

    assert "/srv/var" in said
    assert (f"HQ_DATA_DIR={tmp_path}" in said) == is_up
