"""One installation for all tests of a module, on a small disk where that may be had."""

import os
from contextlib import ExitStack

import pytest

from gitopshq.supervisor import postgres
from tests.faults import disks
from tests.faults.installation import Installation

# They take minutes, and the machine for themselves.
collect_ignore_glob = [] if os.environ.get("WITH_FAULTS") else ["test_*.py"]

TARGETS = 4
LEASE = 6.0


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """An installation on SQLite, its repositories on a disk of their own."""
    place = tmp_path_factory.mktemp("faults") / "data"
    with ExitStack() as stack:
        try:
            stack.enter_context(disks.small_disk(place / "repositories"))
        except disks.MayNotMount:
            has_disk = False
        else:
            has_disk = True
        yield from _running(Installation(place, TARGETS, LEASE), has_disk)


@pytest.fixture(scope="module")
def ground_on_postgres(tmp_path_factory):
    """An installation on a PostgreSQL that may be killed: nobody else's."""
    place = tmp_path_factory.mktemp("faults") / "data"
    with postgres.server() as database:
        yield from _running(Installation(place, 2 * TARGETS, LEASE, database))


def _running(made, has_disk=False):
    made.start()
    made.has_disk = has_disk
    yield made
    made.stop()
