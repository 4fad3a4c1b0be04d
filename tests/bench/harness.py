"""Measures two ways to do the same work in turns, so that the machine's mood hits both.

A module ``tests/bench/bench_*.py`` declares its benchmarks as functions::

    @harness.benchmark("P5", goal=1.5, theirs="commit into 1,000 files")
    def commit_into_10_000_files(work: harness.Workshop) -> harness.Pair:
        return harness.Pair(ours=..., theirs=...)

The function prepares; it gives back two callables, which are timed. What varies between
calls (a fresh value, another tenant) is prepared in ``before_each``, which is not.
"""

import importlib
import json
import pkgutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import django
from django.apps import apps

RUNS = 5


@dataclass(frozen=True)
class Pair:
    """The two works to compare. ``before_each`` gets the number of the run.

    A work that returns a float has measured itself: so many seconds it took.
    ``note`` stands below the table: what else there is to know of ours. ``unit`` is of
    what the works give where that is no time.
    """

    ours: Callable[[], object]
    theirs: Callable[[], object]
    before_each: Callable[[int], object] = lambda run: None
    note: str = ""
    unit: str = "s"


@dataclass(frozen=True)
class Workshop:
    """Where a benchmark prepares: a folder, and what is to be undone at the end."""

    folder: Path
    stack: ExitStack


@dataclass(frozen=True)
class Benchmark:
    """A declared comparison. The goal is a ratio: ours over theirs, at most.

    Where more is better (so many a second), it is the ratio ``at_least``.
    """

    name: str
    prepare: Callable[[Workshop], Pair]
    goal: float
    theirs: str
    runs: int
    at_least: bool = False

    @property
    def work(self) -> str:
        return self.prepare.__name__.replace("_", " ")


@dataclass(frozen=True)
class Outcome:
    """What a benchmark found. ``ours`` and ``theirs`` are medians in ``unit``."""

    name: str
    ours: float
    theirs: float
    ratio: float
    goal: float
    runs: int
    note: str = ""
    unit: str = "s"
    at_least: bool = False

    @property
    def reached(self) -> bool:
        if self.at_least:
            return self.ratio >= self.goal
        return self.ratio <= self.goal

    @property
    def wanted(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.goal:g}"


_declared: list[Benchmark] = []


def benchmark(
    name: str, *, goal: float, theirs: str, runs: int = RUNS, at_least: bool = False
) -> Callable[[Callable[[Workshop], Pair]], Callable[[Workshop], Pair]]:
    """Declare a benchmark under the *name* of its goal."""

    def declare(prepare: Callable[[Workshop], Pair]) -> Callable[[Workshop], Pair]:
        _declared.append(Benchmark(name, prepare, goal, theirs, runs, at_least))
        return prepare

    return declare


def declared(package: str = "tests.bench") -> list[Benchmark]:
    """Return all benchmarks, by name."""
    if not apps.ready:
        django.setup()
    folder = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(folder, f"{package}."):
        if module.name.rpartition(".")[2].startswith("bench_"):
            importlib.import_module(module.name)
    return sorted(_declared, key=lambda one: (len(one.name), one.name))


def measure(one: Benchmark, folder: Path) -> Outcome:
    """Run *one* in *folder*: one round to warm up, then its runs in turns."""
    with ExitStack() as stack:
        pair = one.prepare(Workshop(folder, stack))
        rounds = list(_rounds(pair, one.runs))[1:]
    ours = statistics.median(mine for mine, _ in rounds)
    theirs = statistics.median(other for _, other in rounds)
    # The median of the ratios, not the ratio of medians: a slow round is slow for both.
    ratio = statistics.median(mine / other for mine, other in rounds)
    return Outcome(
        one.name,
        *(ours, theirs, ratio),
        *(one.goal, one.runs),
        *(pair.note, pair.unit),
        one.at_least,
    )


def table(found: list[tuple[Benchmark, Outcome]]) -> str:
    """Return the outcomes as lines to read."""
    head = ("", "work", "against", "ours", "theirs", "ratio", "goal", "")
    rows = [head] + [
        (
            outcome.name,
            one.work,
            one.theirs,
            _amount(outcome.ours, outcome.unit),
            _amount(outcome.theirs, outcome.unit),
            f"{outcome.ratio:.4f}",
            outcome.wanted,
            "reached" if outcome.reached else "MISSED",
        )
        for one, outcome in found
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        .rstrip()
        for row in rows
    ]  # fmt: skip
    notes = [f"{outcome.name}: {outcome.note}" for _, outcome in found if outcome.note]
    return "\n".join(lines + notes)


def save(outcomes: list[Outcome], path: Path) -> None:
    """Put *outcomes* into the JSON file at *path*, beside those of other benchmarks."""
    kept = json.loads(path.read_text("utf-8")) if path.exists() else []
    by_name = {row["name"]: row for row in kept}
    for outcome in outcomes:
        by_name[outcome.name] = {
            "name": outcome.name,
            "ours": outcome.ours,
            "theirs": outcome.theirs,
            "ratio": outcome.ratio,
            "goal": outcome.goal,
            "runs": outcome.runs,
            "note": outcome.note,
            "unit": outcome.unit,
            "at_least": outcome.at_least,
        }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(by_name.values()), indent=2) + "\n", "utf-8")


def _rounds(pair: Pair, runs: int) -> Iterator[tuple[float, float]]:
    for run in range(runs + 1):
        pair.before_each(run)
        if run % 2:  # who goes second finds warm caches: take turns in that too
            theirs, ours = _timed(pair.theirs), _timed(pair.ours)
        else:
            ours, theirs = _timed(pair.ours), _timed(pair.theirs)
        yield ours, theirs


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    found = work()
    return found if isinstance(found, float) else time.perf_counter() - start


def _amount(found: float, unit: str) -> str:
    if unit != "s":
        return f"{found:.0f} {unit}"
    return f"{found * 1000:.1f} ms" if found < 1 else f"{found:.2f} s"
