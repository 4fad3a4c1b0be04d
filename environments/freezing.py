"""Whether a place is frozen at an instant, until when, and when that next changes.

Pure: toggle, windows and instant are given. Windows are half-open ``[start, end)``;
repeats keep the wall clock of their zone. A start in a gap of that clock moves forward
by the gap; in an overlap the first instant counts for starts, the second for ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from environments.recurrence import Recurrence, recurrence_of
from gitopshq.core.years import LAST_YEAR

HORIZON: Final = timedelta(days=400)
"""How far ahead the next change is looked for."""

_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
_EVER_SINCE: Final = datetime.min.replace(tzinfo=UTC)
_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Toggle:
    """A freeze set by hand; without ``until`` it holds until it is lifted."""

    reason: str
    until: datetime | None = None
    name: str = "freeze"


@dataclass(frozen=True, slots=True)
class Window:
    """A freeze by the calendar; ``ended_at`` is when it was taken back."""

    starts_at: datetime
    ends_at: datetime
    reason: str
    name: str = "freeze window"
    rrule: str = ""
    time_zone: str = "UTC"
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FreezeVerdict:
    """The answer. ``until`` is None where no end is in sight; so is ``next_change``."""

    is_frozen: bool
    name: str = ""
    reason: str = ""
    until: datetime | None = None
    next_change: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One stretch of frozen time, ``[start, end)``."""

    start: datetime
    end: datetime
    name: str
    reason: str


def verdict(
    toggle: Toggle | None, windows: Iterable[Window], instant: datetime
) -> FreezeVerdict:
    """Say whether it is frozen at *instant* (aware), why, and when that changes.

    The toggle names the freeze before any window; of windows, the one that ends last.
    """
    windows = tuple(windows)
    horizon = instant + HORIZON
    active = _active(toggle, windows, instant)
    if not active:
        starts = (_next_start(window, instant, horizon) for window in windows)
        upcoming = [start for start in starts if start is not None]
        return FreezeVerdict(
            is_frozen=False, next_change=min(upcoming) if upcoming else None
        )
    by_hand = [span for span in active if span.start == _EVER_SINCE]
    cause = by_hand[0] if by_hand else max(active, key=lambda span: span.end)
    end = _end_of_freeze(windows, max(span.end for span in active), horizon)
    # Beyond the horizon nobody looked how long repeats go on.
    is_known = end <= horizon or (end != _FOR_EVER and not _active(None, windows, end))
    return FreezeVerdict(
        is_frozen=True,
        name=cause.name,
        reason=cause.reason,
        until=end if is_known else None,
        next_change=end if end <= horizon else None,
    )


def _active(
    toggle: Toggle | None, windows: Iterable[Window], instant: datetime
) -> list[Span]:
    """Return what freezes at *instant*: of each window the stretch that ends last."""
    found = [span for window in windows if (span := _covering(window, instant))]
    if toggle is not None and (toggle.until is None or instant < toggle.until):
        until = toggle.until or _FOR_EVER
        found.append(Span(_EVER_SINCE, until, toggle.name, toggle.reason))
    return found


def _end_of_freeze(
    windows: Sequence[Window], end: datetime, horizon: datetime
) -> datetime:
    """Return when it thaws: windows that touch or overlap are one freeze."""
    is_longer = True
    while is_longer and end <= horizon:
        is_longer = False
        for window in windows:
            while end <= horizon and (span := _covering(window, end)):
                end, is_longer = span.end, True
    return end


def _covering(window: Window, instant: datetime) -> Span | None:
    """Return the stretch of *window* around *instant* that ends last."""
    for start, end in _stretches_back(window, instant):
        stop = min(end, window.ended_at) if window.ended_at else end
        if start <= instant < stop:
            return Span(start, stop, window.name, window.reason)
    return None


def _next_start(
    window: Window, instant: datetime, horizon: datetime
) -> datetime | None:
    """Return the first start of *window* after *instant*, up to *horizon*."""
    starts = (
        span.start
        for span in spans_between([window], instant, horizon)
        if span.start > instant
    )
    return next(starts, None)


def spans_between(
    windows: Iterable[Window], low: datetime, high: datetime
) -> Iterator[Span]:
    """Yield every stretch of the windows that reaches into ``[low, high]``."""
    for window in windows:
        for start, end in _stretches(window, low, high):
            stop = min(end, window.ended_at) if window.ended_at else end
            if start < stop and low < stop and start <= high:
                yield Span(start, stop, window.name, window.reason)


def _stretches(
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


def _stretches_back(
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
