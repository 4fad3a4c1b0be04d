"""Whether a place is frozen at an instant, until when, and when that next changes.

Pure: toggle, windows and instant are given; which stretches a window has is known to
``stretches``. A window closes, or it opens: where there are windows that open, it is
closed outside all of them until they are taken back. What closes wins over what opens.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from environments.stretches import Window, stretches, stretches_back

HORIZON: Final = timedelta(days=400)
"""How far ahead the next change is looked for."""

FOR_EVER: Final = datetime.max.replace(tzinfo=UTC)
"""The end of a freeze whose end is not in sight."""

_EVER_SINCE: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Toggle:
    """A freeze set by hand; without ``until`` it holds until it is lifted."""

    reason: str
    until: datetime | None = None
    name: str = "freeze"


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
    active = _active(toggle, windows, instant, horizon)
    if not active:
        upcoming = _next_closing(windows, instant, horizon)
        return FreezeVerdict(is_frozen=False, next_change=upcoming)
    by_hand = [span for span in active if span.start == _EVER_SINCE]
    cause = by_hand[0] if by_hand else max(active, key=lambda span: span.end)
    end = _end_of_freeze(windows, max(span.end for span in active), horizon)
    # Beyond the horizon nobody looked how long repeats go on.
    is_known = end <= horizon or (
        end != FOR_EVER and not _active(None, windows, end, end)
    )
    return FreezeVerdict(
        is_frozen=True,
        name=cause.name,
        reason=cause.reason,
        until=end if is_known else None,
        next_change=end if end <= horizon else None,
    )


def _active(
    toggle: Toggle | None,
    windows: Sequence[Window],
    instant: datetime,
    horizon: datetime,
) -> list[Span]:
    """Return what freezes at *instant*: of each window the stretch that ends last."""
    closing = (window for window in windows if not window.opens)
    found = [span for window in closing if (span := _covering(window, instant))]
    if outside := _outside(windows, instant, horizon):
        found.append(outside)
    if toggle is not None and (toggle.until is None or instant < toggle.until):
        until = toggle.until or FOR_EVER
        found.append(Span(_EVER_SINCE, until, toggle.name, toggle.reason))
    return found


def _end_of_freeze(
    windows: Sequence[Window], end: datetime, horizon: datetime
) -> datetime:
    """Return when it thaws: windows that touch or overlap are one freeze."""
    is_longer = True
    while is_longer and end <= horizon:
        found = _active(None, windows, end, horizon)
        end = max([end, *(span.end for span in found)])
        is_longer = bool(found)
    return end


def _outside(
    windows: Iterable[Window], instant: datetime, horizon: datetime
) -> Span | None:
    """Return the stretch from *instant* on in which no window opens.

    None, where one does or there is none that opens.
    """
    opening = [window for window in windows if _still_opens(window, instant)]
    if not opening or any(_covering(window, instant) for window in opening):
        return None
    taken_back = max(window.ended_at or FOR_EVER for window in opening)
    starts = {
        start: window
        for window in opening
        if (start := _next_start(window, instant, horizon))
    }
    end = min([taken_back, *starts])
    window = starts.get(end, opening[0])
    return Span(instant, end, window.name, f"outside of {window.reason}")


def _still_opens(window: Window, instant: datetime) -> bool:
    return window.opens and (window.ended_at is None or instant < window.ended_at)


def _next_closing(
    windows: Sequence[Window], instant: datetime, horizon: datetime
) -> datetime | None:
    """Return when what is open at *instant* is closed next, up to *horizon*."""
    closing = (window for window in windows if not window.opens)
    starts = (_next_start(window, instant, horizon) for window in closing)
    upcoming = [start for start in starts if start is not None]
    shuts = _end_of_opening(windows, instant, horizon)
    if shuts is not None:
        upcoming.append(shuts)
    return min(upcoming, default=None)


def _end_of_opening(
    windows: Iterable[Window], instant: datetime, horizon: datetime
) -> datetime | None:
    """Return when no window opens any more; what touches or overlaps is one opening."""
    opening = [window for window in windows if _still_opens(window, instant)]
    end = instant
    while end <= horizon:
        spans = [span for window in opening if (span := _covering(window, end))]
        if not spans:
            return end if _outside(opening, end, end) else None
        end = max(span.end for span in spans)
    return None


def _covering(window: Window, instant: datetime) -> Span | None:
    """Return the stretch of *window* around *instant* that ends last."""
    for start, end in stretches_back(window, instant):
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
        for span in own_spans(window, instant, horizon)
        if span.start > instant
    )
    return next(starts, None)


def spans_between(
    windows: Iterable[Window], low: datetime, high: datetime
) -> Iterator[Span]:
    """Yield the frozen stretches that reach into ``[low, high]``, window by window.

    Those outside of windows that open begin at *low* at the earliest; they are endless
    where nothing opens up to *high*.
    """
    windows = tuple(windows)
    for window in windows:
        if not window.opens:
            yield from own_spans(window, low, high)
    at: datetime | None = low
    while at is not None and at <= high:
        if outside := _outside(windows, at, high):
            yield outside
            at = outside.end
        else:
            at = _end_of_opening(windows, at, high)


def own_spans(window: Window, low: datetime, high: datetime) -> Iterator[Span]:
    """Yield the stretches of one window, which closes or opens, in ``[low, high]``."""
    for start, end in stretches(window, low, high):
        stop = min(end, window.ended_at) if window.ended_at else end
        if start < stop and low < stop and start <= high:
            yield Span(start, stop, window.name, window.reason)
