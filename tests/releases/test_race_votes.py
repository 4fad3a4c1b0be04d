"""Votes at the same moment, by real processes, on the database the suite runs on."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from urllib.parse import urlsplit

import pytest
from django.db import connection

from environments.permissions import Role
from releases.models import Status
from tests import make

VOTERS = 3
TABS = 2
RACE = """
import json, sys, django
django.setup()
from tests.releases.voting import main
main(json.loads(sys.argv[1]))
"""


@pytest.fixture
def database(tmp_path):
    """Return the address of what the test has written, for other processes.

    SQLite keeps a test's data in memory, so they get a file of the same content.
    """
    if connection.vendor == "postgresql":
        given = urlsplit(os.environ["DATABASE_URL"])
        yield given._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        return
    yield f"sqlite:///{tmp_path / 'race.sqlite3'}"


@pytest.fixture
def race(database, settings, tmp_path):
    """Let processes vote; return how each vote ended, and a way to look at the rows."""

    def run(votes):
        if connection.vendor == "sqlite":
            with sqlite3.connect(tmp_path / "race.sqlite3") as file:
                connection.connection.backup(file)
                # As migrations leave it: the switch itself bears no company.
                file.execute("PRAGMA journal_mode=WAL")
        done = subprocess.run(
            [sys.executable, "-c", RACE, json.dumps(votes)],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "tests.settings",
                "HQ_DATA_DIR": str(settings.DATA_DIR),
                "DATABASE_URL": database,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    def rows(query):
        if connection.vendor == "sqlite":
            with sqlite3.connect(tmp_path / "race.sqlite3") as file:
                return file.execute(query).fetchall()
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    return run, rows


@pytest.mark.django_db(transaction=True)
def test_simultaneous_votes_count_once_each_and_decide_once(
    shop, gated, edit, create, race
):
    """S49: every voter in two tabs at once, on two releases: one transition each."""
    voters = [make.user(role=Role.APPROVER, on=shop) for _ in range(VOTERS)]
    first = gated(required_approvals=VOTERS)
    targets = [first, make.target(shop, tenant="globex", environment="gated")]
    releases = []
    for target in targets:
        edit(target)
        releases.append(create(target))
    run, rows = race

    ends = run([(r.pk, v.pk) for r in releases for v in voters for _ in range(TABS)])

    votes = Counter((one["release"], one["voter"]) for one in ends)
    assert set(votes.values()) == {TABS}
    given = Counter(
        (one["release"], one["voter"]) for one in ends if one["end"] == "voted"
    )
    assert len(given) == len(releases) * VOTERS
    assert set(given.values()) == {1}
    refused = {one["end"] for one in ends if one["end"] != "voted"}
    assert refused <= {"already_voted", "invalid_transition"}
    assert rows("SELECT status FROM releases_release") == [(Status.APPROVED,)] * 2
    decided = "SELECT count(*) FROM approvals_approvaldecision WHERE verdict='approve'"
    assert rows(decided) == [(len(releases) * VOTERS,)]
    for event in ("approval.granted", "release.approved"):
        count = f"SELECT count(*) FROM core_auditentry WHERE event='{event}'"
        assert rows(count) == [(len(releases),)]
