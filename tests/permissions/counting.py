"""A pytest plugin: how large the permission matrix was that a run went through."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

_ROW = "permission-row"
_tried = pytest.StashKey["_Tally"]()


def count(
    request: pytest.FixtureRequest,
    kind: str,
    action: str,
    answers: Mapping[Any, object],
    *,
    door: str = "",
    asked: Iterable[str] = (),
) -> None:
    """Write down what a test has tried; it travels home with the test's report.

    *answers* are the requests by caller; *asked* are those of whom only was asked what
    the door declares.
    """
    row = [kind, door or action, action, [str(who) for who in answers], [*asked]]
    request.node.user_properties.append((_ROW, row))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_tried] = _Tally()
    config.pluginmanager.register(config.stash[_tried], "permission-matrix")


class _Tally:
    def __init__(self) -> None:
        self.doors: dict[str, set[str]] = {}
        self.actions: set[str] = set()
        self.callers: set[str] = set()
        self.requests = self.questions = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" or not report.passed:
            return
        for name, row in report.user_properties:
            if name != _ROW or not isinstance(row, (list, tuple)):
                continue
            kind, door, action, answers, asked = row
            self.doors.setdefault(str(kind), set()).add(str(door))
            self.actions.add(str(action))
            self.callers |= {*answers, *asked}
            self.requests += len(answers)
            self.questions += len(asked)

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        if not self.doors:
            return
        doors = sum(len(found) for found in self.doors.values())
        kinds = ", ".join(
            f"{k} {len(found)}" for k, found in sorted(self.doors.items())
        )
        terminalreporter.write_line(
            f"permission matrix: {doors} doors ({kinds}) x {len(self.actions)} actions "
            f"x {len(self.callers)} callers: {self.questions:,} questions asked, "
            f"{self.requests:,} requests answered as the table says"
        )
