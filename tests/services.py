"""A pytest plugin: the real services that tests talk to, and what a machine lacks.

``broker_url`` gives a real Valkey. Marks: ``postgres`` (only where the suite runs on
PostgreSQL), ``broker`` (needs a real broker), ``browser`` (needs a Chromium).
"""

import os
import shutil
from collections.abc import Iterator

import pytest

from gitopshq.supervisor import valkey
from tests.stack import Stack

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return the path of this machine's browser."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def pytest_configure(config: pytest.Config) -> None:
    for mark in (
        "postgres: only where the suite runs on PostgreSQL",
        "broker: talks to a real Valkey or Redis",
        "browser: drives a headless Chromium",
    ):
        config.addinivalue_line("markers", mark)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    on_postgres = os.environ.get("DATABASE_URL", "").startswith("postgres")
    lacks = {}
    if not on_postgres:
        lacks["postgres"] = "runs on PostgreSQL only"
    if not chromium():
        lacks["browser"] = "no Chromium on this machine (apt install chromium)"
    for item in items:
        for mark, reason in lacks.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    browser = sum("no Chromium" in str(report.longrepr) for report in skipped)
    if browser:
        terminalreporter.write_line(
            f"browser tests skipped: {browser}, no Chromium on this machine"
        )


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey, this process's own."""
    with valkey.server(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def running_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product, started by ``./run up``: web, worker, beat, broker.

    Tests that use it are marked ``pytest.mark.xdist_group("stack")``, so that one
    process runs them all and starts it once; they make projects of their own.
    """
    stack = Stack(tmp_path_factory.mktemp("stack") / "data")
    stack.start()
    yield stack
    code, said = stack.stop()
    assert code == 0, said


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The Chromium to drive. Tests that use it are marked ``browser``."""
    path = chromium()
    assert path, "mark the test with pytest.mark.browser"
    return path
