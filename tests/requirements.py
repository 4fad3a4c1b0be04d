"""A pytest plugin: how many of the requirements S1…S134 the passing tests show.

A test shows a requirement when its docstring names it (``S49: what it shows``) and it
passes.
Runs that belong together (SQLite, then PostgreSQL) add up through the file named in
``HQ_SHOWN_FILE``.
"""

import os
import re
from pathlib import Path

import pytest

COUNT = 134
_NAMED = re.compile(r"\bS([1-9]\d{0,2})\b")
_shown = pytest.StashKey[set[int]]()


def named_in(docstring: str | None) -> list[int]:
    return sorted({int(number) for number in _NAMED.findall(docstring or "")})


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_shown] = _before()
    config.pluginmanager.register(_Counter(config), "requirements-counter")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # As properties, because they travel from an xdist worker with the report.
    for item in items:
        test = getattr(item, "function", None)
        numbers = named_in(getattr(test, "__doc__", None))
        item.user_properties += [("requirement", number) for number in numbers]


class _Counter:
    def __init__(self, config: pytest.Config) -> None:
        self.shown = config.stash[_shown]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.shown.update(
                number
                for name, number in report.user_properties
                if name == "requirement" and isinstance(number, int) and number <= COUNT
            )

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        terminalreporter.write_line(f"requirements shown: {len(self.shown)} of {COUNT}")
        if path := os.environ.get("HQ_SHOWN_FILE"):
            Path(path).write_text(" ".join(map(str, sorted(self.shown))))


def _before() -> set[int]:
    path = os.environ.get("HQ_SHOWN_FILE")
    if not path or not Path(path).exists():
        return set()
    return set(map(int, Path(path).read_text().split()))
