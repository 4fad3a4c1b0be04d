"""Whether a place is frozen at an instant, until when, and when that next changes.

Pure: toggle, windows and instant are given. Windows are half-open ``[start, end)``;
repeats keep the wall clock of their zone. A start in a gap of that clock moves forward
by the gap; in an overlap the first instant counts for starts, the second for ends.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from environments.recurrence import Recurrence

HORIZON: Final = timedelta(days=400)
"""How far ahead the next change is looked for."""

_FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
_EVER_SINCE: Final = datetime.min.replace(tzinfo=UTC)
_WIDEST_OFFSET: Final = timedelta(days=2)


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
    spans = sorted(spans_between(windows, instant, horizon))
    if toggle is not None:
        until = toggle.until or _FOR_EVER
        spans.insert(0, Span(_EVER_SINCE, until, toggle.name, toggle.reason))
    active = [span for span in spans if span.start <= instant < span.end]
    if not active:
        upcoming = [span.start for span in spans if instant < span.start <= horizon]
        return FreezeVerdict(
            is_frozen=False, next_change=min(upcoming) if upcoming else None
        )
    end = max(span.end for span in active)
    for span in spans:
        # Windows that touch or overlap are one freeze.
        if instant < span.start <= end < span.end:
            end = span.end
    cause = active[0] if toggle and active[0].start == _EVER_SINCE else None
    cause = cause or max(active, key=lambda span: span.end)
    # Beyond the horizon nobody looked whether repeats go on; what was said holds.
    is_seen = end <= horizon
    return FreezeVerdict(
        is_frozen=True,
        name=cause.name,
        reason=cause.reason,
        until=end if is_seen or end in _stated_ends(toggle, windows) else None,
        next_change=end if is_seen else None,
    )


def spans_between(
    windows: Iterable[Window], low: datetime, high: datetime
) -> Iterator[Span]:
    """Yield every stretch of the windows that reaches into ``[low, high]``."""
    for window in windows:
        for start, end in _stretches(window, low, high):
            stop = min(end, window.ended_at) if window.ended_at else end
            if start < stop and low < stop and start <= high:
                yield Span(start, stop, window.name, window.reason)


def _stated_ends(
    toggle: Toggle | None, windows: Iterable[Window]
) -> set[datetime | None]:
    """Return the ends that somebody gave as such, and not as part of a repeat."""
    ends = {window.ended_at or window.ends_at for window in windows if not window.rrule}
    return {*ends, toggle.until if toggle else None}


def _stretches(
    window: Window, low: datetime, high: datetime
) -> Iterator[tuple[datetime, datetime]]:
    if not window.rrule:
        yield window.starts_at, window.ends_at
        return
    zone = ZoneInfo(window.time_zone)
    recurrence = Recurrence.parse(window.rrule, starts_at=window.starts_at, zone=zone)
    ends = window.ends_at.astimezone(zone).replace(tzinfo=None)
    length = ends - recurrence.start
    for start in recurrence.between(
        _wall_clock(low, zone) - length - _WIDEST_OFFSET,
        _wall_clock(high, zone) + _WIDEST_OFFSET,
    ):
        yield _start_of(start, zone), _end_of(start + length, zone)


def _wall_clock(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


def _start_of(clock: datetime, zone: ZoneInfo) -> datetime:
    # The first fold is the earlier of two, and what lies in a gap moves forward.
    return clock.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _end_of(clock: datetime, zone: ZoneInfo) -> datetime:
    folds = (clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return max(moment.astimezone(UTC) for moment in folds)
