"""A window of the calendar as stretches of time: once, or repeated by a rule.

Pure. Windows are half-open ``[start, end)``; repeats keep the wall clock of their zone.
A start in a gap of that clock moves forward by the gap; in an overlap the first instant
counts for starts, the second for ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from environments.recurrence import LAST_YEAR, Recurrence, recurrence_of

_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """A time by the calendar in which it is frozen; or open, and frozen outside it.

    ``ended_at`` is when it was taken back.
    """

    starts_at: datetime
    ends_at: datetime
    reason: str
    name: str = "freeze window"
    rrule: str = ""
    time_zone: str = "UTC"
    ended_at: datetime | None = None
    opens: bool = False


def stretches(
    window: Window, low: datetime, high: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what may reach into ``[low, high]``, the earliest first."""
    if not window.rrule:
        yield window.starts_at, window.ends_at
        return
    repeat = _Repeat.of(window)
    # What is written on a clock is off by a day at most.
    earliest = repeat.clock(low) - repeat.length - _A_DAY
    for clock in repeat.recurrence.onward(earliest, repeat.clock(high) + _A_DAY):
        yield from repeat.stretch(clock)


def stretches_back(
    window: Window, instant: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what may reach over *instant*, the latest first."""
    if not window.rrule:
        yield window.starts_at, window.ends_at
        return
    if instant.year > LAST_YEAR + 1:
        return
    repeat = _Repeat.of(window)
    clock = repeat.clock(instant)
    earliest = clock - repeat.length - _A_DAY
    for found in repeat.recurrence.backward(earliest, clock + _A_DAY):
        yield from repeat.stretch(found)


@dataclass(frozen=True, slots=True)
class _Repeat:
    """A window that repeats, on the clock of its zone."""

    recurrence: Recurrence
    zone: ZoneInfo
    length: timedelta

    @classmethod
    def of(cls, window: Window) -> Self:
        zone = ZoneInfo(window.time_zone)
        rule = recurrence_of(window.rrule, window.starts_at, window.time_zone)
        ends = window.ends_at.astimezone(zone).replace(tzinfo=None)
        return cls(rule, zone, ends - rule.start)

    def clock(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def stretch(self, clock: datetime) -> Iterator[tuple[datetime, datetime]]:
        start = _start_of(clock, self.zone)
        until = self.recurrence.until
        if until is None or start <= until:
            yield start, _end_of(clock + self.length, self.zone)


def _start_of(clock: datetime, zone: ZoneInfo) -> datetime:
    # The first fold is the earlier of two, and what lies in a gap moves forward.
    return clock.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _end_of(clock: datetime, zone: ZoneInfo) -> datetime:
    folds = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return max(moment.astimezone(UTC) for moment in folds)
