"""How fast and how safely a team delivers: DORA's four keys, as plain arithmetic.

The keys are those of https://dora.dev/guides/dora-metrics-four-keys/. What each counts
here stands in ``DEFINITIONS``, in words that pages show beside the numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

WEEK: Final = timedelta(days=7)
SOURCE: Final = "https://dora.dev/guides/dora-metrics-four-keys/"
DEFINITIONS: Final[Mapping[str, str]] = {
    "Deploys per week": (
        "Deployment frequency: deploys whose commit reached main, divided by weeks."
    ),
    "Lead time": (
        "Lead time for changes: from the oldest edit that a deploy carries to its "
        "commit on main; the median. Rollbacks carry no edits and are left out."
    ),
    "Failure rate": (
        "Change failure rate: the share of all deploys tried that ended without a "
        "commit, or that a rollback undid later."
    ),
    "Restore time": (
        "Failed deployment recovery time: from the first failed deploy of a target to "
        "its next deploy that held; the median. What still waits is counted apart."
    ),
}


@dataclass(frozen=True, slots=True)
class Deploy:
    """One attempt to deploy into a target, ended at ``ended_at``.

    ``oldest_edit`` is when the first of what it carries was edited, None where it
    carries no edit; ``undone`` says that a rollback took it back since.
    """

    target: int
    ended_at: datetime
    landed: bool
    oldest_edit: datetime | None = None
    undone: bool = False

    @property
    def held(self) -> bool:
        """Whether it reached ``main`` and was not taken back."""
        return self.landed and not self.undone


@dataclass(frozen=True, slots=True)
class Keys:
    """The four keys of the stretch ``[start, end)``; None where nothing is known.

    ``failure_rate`` is a share from 0 to 1, of ``tried`` deploys.
    """

    start: datetime
    end: datetime
    deploys: int
    tried: int
    failed: int
    lead_time: timedelta | None
    restore_time: timedelta | None

    @property
    def failure_rate(self) -> float | None:
        return self.failed / self.tried if self.tried else None

    @property
    def per_week(self) -> float:
        return self.deploys / ((self.end - self.start) / WEEK)


@dataclass(frozen=True, slots=True)
class FourKeys:
    """All weeks together, each alone (oldest first), and failures not yet restored."""

    whole: Keys
    weeks: tuple[Keys, ...]
    unrestored: int


def four_keys(deploys: Iterable[Deploy], *, now: datetime, weeks: int) -> FourKeys:
    """Return the keys of the last *weeks* stretches of seven days up to *now*.

    What ended before them is left out, also as the beginning of a failure.
    """
    start = now - weeks * WEEK
    rows = [row for row in deploys if start <= row.ended_at < now]
    restored, unrestored = _outages(rows)
    bounds = [start + number * WEEK for number in range(weeks + 1)]
    return FourKeys(
        _keys(rows, restored, start, now),
        tuple(_keys(rows, restored, low, high) for low, high in pairwise(bounds)),
        unrestored,
    )


def _keys(
    rows: Sequence[Deploy],
    restored: Sequence[tuple[datetime, datetime]],
    start: datetime,
    end: datetime,
) -> Keys:
    here = [row for row in rows if start <= row.ended_at < end]
    return Keys(
        start=start,
        end=end,
        deploys=sum(row.landed for row in here),
        tried=len(here),
        failed=sum(not row.held for row in here),
        lead_time=_median(
            row.ended_at - row.oldest_edit
            for row in here
            if row.landed and row.oldest_edit is not None
        ),
        restore_time=_median(up - down for down, up in restored if start <= up < end),
    )


def _outages(
    rows: Iterable[Deploy],
) -> tuple[list[tuple[datetime, datetime]], int]:
    """Return when targets failed and were restored, and how many still wait."""
    by_target: dict[int, list[Deploy]] = defaultdict(list)
    for row in rows:
        by_target[row.target].append(row)
    restored: list[tuple[datetime, datetime]] = []
    waiting = 0
    for deploys in by_target.values():
        down: datetime | None = None
        for row in sorted(deploys, key=lambda row: row.ended_at):
            if not row.held:
                down = down or row.ended_at
            elif down is not None:
                restored.append((down, row.ended_at))
                down = None
        waiting += down is not None
    return restored, waiting


def _median(spans: Iterable[timedelta]) -> timedelta | None:
    seconds = [span.total_seconds() for span in spans]
    return timedelta(seconds=median(seconds)) if seconds else None
