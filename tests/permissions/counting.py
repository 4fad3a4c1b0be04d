"""A pytest plugin: how large the permission matrix was that a run went through."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

_CHECKS, _ACTION = "permission-checks", "permission-action"
_tried = pytest.StashKey["_Tally"]()


def count(
    request: pytest.FixtureRequest,
    door: str,
    action: str,
    answers: Mapping[Any, object],
) -> None:
    """Write down what a test has tried; it travels home with the test's report."""
    properties = request.node.user_properties
    properties.append((_ACTION, f"{door}: {action}"))
    properties.append((_CHECKS, f"{door}:{len(answers)}"))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_tried] = _Tally()
    config.pluginmanager.register(config.stash[_tried], "permission-matrix")


class _Tally:
    def __init__(self) -> None:
        self.checks: Counter[str] = Counter()
        self.actions: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        for name, value in report.user_properties:
            if name == _ACTION:
                self.actions.add(str(value))
            elif name == _CHECKS:
                door, _, number = str(value).rpartition(":")
                self.checks[door] += int(number)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        if self.checks:
            terminalreporter.write_line(
                f"permission matrix: {self.checks.total():,} refusals and grants, "
                f"{len(self.actions)} actions, on {len(self.checks)} doors "
                f"({', '.join(sorted(self.checks))})"
            )
