"""When a freeze window closes, in one sentence and on its own clock.

``every Friday 17:00 to Monday 08:00, Europe/Berlin, until 18 December 2026``.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from environments.freezing import Window
from environments.recurrence import Recurrence, recurrence_of
from environments.repeat_words import DAYS, end_words, pattern_words
from environments.rule_days import Pattern

_DATE: Final = "%A %-d %B %Y"
_WEEK: Final = 7
_BY_ITS_RULE: Final = "by a rule of its own"


@dataclass(frozen=True, slots=True)
class WindowWords:
    """The sentence; ``rule`` is the RRULE where words would not be exact."""

    said: str
    rule: str = ""


def window_words(window: Window) -> WindowWords:
    """Return when *window* closes what it freezes."""
    zone = ZoneInfo(window.time_zone)
    start, end = window.starts_at.astimezone(zone), window.ends_at.astimezone(zone)
    if not window.rrule:
        return WindowWords(f"once, {_stretch(start, end)}, {window.time_zone}")
    rule = recurrence_of(window.rrule, window.starts_at, window.time_zone)
    when, is_exact = _repeated(rule, start, end)
    ends = end_words(rule) or f", from {start:%-d %B %Y} on"
    said = f"{when}, {window.time_zone}{ends}"
    return WindowWords(said, "" if is_exact else window.rrule)


def _repeated(rule: Recurrence, start: datetime, end: datetime) -> tuple[str, bool]:
    """Return which days and hours, and whether that is all there is to say."""
    pattern = rule.pattern
    if not _is_usual(pattern):
        return f"{_BY_ITS_RULE}, {_hours(start, end)}", False
    days = (end.date() - start.date()).days
    is_every_week = (pattern.freq, pattern.interval) == ("WEEKLY", 1)
    is_plain = is_every_week and len(pattern.weekdays) == 1 and not pattern.months
    if is_plain and not _is_whole(start, end):
        # The first day may be none of the rule's own: then nothing begins on it.
        (weekday,) = pattern.weekdays
        opens, closes = DAYS[weekday], DAYS[(weekday + days) % _WEEK]
        if 0 < days < _WEEK:
            return f"every {opens} {start:%H:%M} to {closes} {end:%H:%M}", True
        if days == 0:
            return f"every {opens}, {_hours(start, end)}", True
    return f"{pattern_words(pattern)}, {_hours(start, end)}", True


def _is_usual(pattern: Pattern) -> bool:
    """Say whether its parts name days, and do not narrow each other down."""
    kinds = (
        pattern.weekdays or pattern.nth_weekdays,
        pattern.month_days,
        pattern.year_days,
        pattern.weeks,
    )
    return sum(map(bool, kinds)) <= 1 and not pattern.positions


def _is_whole(start: datetime, end: datetime) -> bool:
    return start.time() == end.time() == time()


def _hours(start: datetime, end: datetime) -> str:
    days = (end.date() - start.date()).days
    if _is_whole(start, end):
        return "all day" if days == 1 else f"for {days} days"
    said = f"{start:%H:%M} to {end:%H:%M}"
    if days == 0:
        return said
    return f"{said} {'the next day' if days == 1 else f'{days} days later'}"


def _stretch(start: datetime, end: datetime) -> str:
    if _is_whole(start, end):
        last = end - timedelta(days=1)
        if last.date() == start.date():
            return f"all of {start:{_DATE}}"
        return f"all of {start:{_DATE}} to {last:{_DATE}}"
    if start.date() == end.date():
        return f"{start:{_DATE}}, {_hours(start, end)}"
    return f"{start:{_DATE}} {start:%H:%M} to {end:{_DATE}} {end:%H:%M}"
