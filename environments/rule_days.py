"""Which days of the calendar an RRULE falls on: date arithmetic, a year at a time.

A year is worked out once and remembered, so that a verdict on many windows takes no
longer than looking up a few days. Times of day and zones are not known here.
"""

from bisect import bisect_left, bisect_right
from calendar import isleap, monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_WEEK: Final = 7
_HALF_WEEK: Final = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """The parts of a rule that choose days; empty sets choose nothing away.

    Weekdays count from Monday, 0. ``nth_weekdays`` are pairs such as (-1, 4) for the
    last Friday.
    """

    freq: str
    interval: int
    week_start: int
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weeks: frozenset[int]
    weekdays: frozenset[int]
    nth_weekdays: frozenset[tuple[int, int]]
    positions: frozenset[int]


class RuleDays:
    """The days of a pattern from *start* on, as ordinals, remembered by year."""

    def __init__(self, pattern: Pattern, start: date) -> None:
        self.pattern = pattern
        self.start = start
        self._years: dict[int, list[int]] = {}

    def onward(self, low: int, high: int) -> Iterator[int]:
        """Yield the days from *low* to *high*, both included."""
        for year in self._years_of(low, high):
            days = self._year(year)
            yield from days[bisect_left(days, low) : bisect_right(days, high)]

    def backward(self, low: int, high: int) -> Iterator[int]:
        """Yield the same, the latest first."""
        for year in reversed(self._years_of(low, high)):
            days = self._year(year)
            found = days[bisect_left(days, low) : bisect_right(days, high)]
            yield from reversed(found)

    def of_number(self, number: int, last_year: int) -> int:
        """Return the day that is the *number*-th (from 1), or the last there is."""
        left, found = number, self.start.toordinal() - 1
        for year in range(self.start.year, last_year + 1):
            days = self._year(year)
            if len(days) >= left:
                return days[left - 1]
            left -= len(days)
            found = days[-1] if days else found
        return found

    def _years_of(self, low: int, high: int) -> range:
        if low > high:
            return range(0)
        return range(date.fromordinal(low).year, date.fromordinal(high).year + 1)

    def _year(self, year: int) -> list[int]:
        if year not in self._years:
            first = self.start.toordinal()
            days = _days_of(self.pattern, self.start, year)
            self._years[year] = [day for day in days if day >= first]
        return self._years[year]


def _days_of(pattern: Pattern, start: date, year: int) -> list[int]:
    """Return the days of *pattern* in *year*; *start* sets the phase of intervals."""
    low, high = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    if not pattern.positions:
        return _chosen(pattern, start, year)
    if pattern.freq == "WEEKLY":
        # A week may belong to two years: it is looked at whole.
        years = (y for y in (year - 1, year, year + 1) if y > 0)
        days = [day for y in years for day in _chosen(pattern, start, y)]
        near = [d for d in days if low - _WEEK < d < high + _WEEK]
        weeks = groupby(near, key=lambda day: (day - 1 - pattern.week_start) // _WEEK)
        found = [d for _, days in weeks for d in _placed(pattern, list(days))]
        return [day for day in found if low <= day <= high]
    days = _chosen(pattern, start, year)
    if pattern.freq == "YEARLY":
        return _placed(pattern, days)
    if pattern.freq == "MONTHLY":
        months = groupby(days, key=lambda day: date.fromordinal(day).month)
        return [d for _, days in months for d in _placed(pattern, list(days))]
    return days if {1, -1} & pattern.positions else []


def _placed(pattern: Pattern, days: Sequence[int]) -> list[int]:
    """Return those of the days of one period that BYSETPOS names."""
    size = len(days)
    return [
        day
        for index, day in enumerate(days)
        if index + 1 in pattern.positions or index - size in pattern.positions
    ]


def _chosen(pattern: Pattern, start: date, year: int) -> list[int]:
    """Return the days of *year* before positions are looked at."""
    if pattern.freq == "YEARLY" and (year - start.year) % pattern.interval:
        return []
    first = date(year, 1, 1).toordinal()
    length = 366 if isleap(year) else 365
    days: list[int] = []
    month_first = first
    for month in range(1, 13):
        size = monthrange(year, month)[1]
        if _has_month(pattern, start, year, month):
            days += _of_month(pattern, month_first, size)
        month_first += size
    days = _in_phase(pattern, start, days)
    if pattern.weekdays or pattern.nth_weekdays:
        whole_year = pattern.freq == "YEARLY" and not pattern.months
        days = [
            day
            for day in days
            if (day - 1) % _WEEK in pattern.weekdays
            or (
                pattern.nth_weekdays
                and _is_nth(pattern, *_place(day, first, length, whole=whole_year))
            )
        ]
    if pattern.year_days:
        wanted = pattern.year_days
        days = [
            day
            for day in days
            if day - first + 1 in wanted or day - first - length in wanted
        ]
    if pattern.weeks:
        days = [day for day in days if _is_in_week(pattern, day)]
    return days


def _has_month(pattern: Pattern, start: date, year: int, month: int) -> bool:
    if pattern.months and month not in pattern.months:
        return False
    since = (year - start.year) * 12 + month - start.month
    return pattern.freq != "MONTHLY" or since % pattern.interval == 0


def _of_month(pattern: Pattern, first: int, size: int) -> list[int]:
    """Return the days of a month by their number, counted from either end."""
    if not pattern.month_days:
        return list(range(first, first + size))
    numbers = (n if n > 0 else size + 1 + n for n in pattern.month_days)
    return sorted(first + n - 1 for n in set(numbers) if 0 < n <= size)


def _in_phase(pattern: Pattern, start: date, days: list[int]) -> list[int]:
    if pattern.interval == 1:
        return days
    origin = start.toordinal()
    if pattern.freq == "DAILY":
        return [day for day in days if (day - origin) % pattern.interval == 0]
    if pattern.freq == "WEEKLY":
        zero = (origin - 1 - pattern.week_start) // _WEEK
        return [
            day
            for day in days
            if ((day - 1 - pattern.week_start) // _WEEK - zero) % pattern.interval == 0
        ]
    return days


def _place(day: int, first: int, length: int, *, whole: bool) -> tuple[int, int, int]:
    """Return the day, where it stands in its year or month (from 1), and that size."""
    if whole:
        return day, day - first + 1, length
    of = date.fromordinal(day)
    return day, of.day, monthrange(of.year, of.month)[1]


def _is_nth(pattern: Pattern, day: int, place: int, size: int) -> bool:
    weekday = (day - 1) % _WEEK
    from_start = (place - 1) // _WEEK + 1
    from_end = -((size - place) // _WEEK + 1)
    return not pattern.nth_weekdays.isdisjoint(
        {(from_start, weekday), (from_end, weekday)}
    )


def _is_in_week(pattern: Pattern, day: int) -> bool:
    """Say whether *day* is in a week by number; week 1 holds most of its days in it."""
    week_first = day - (day - 1 - pattern.week_start) % _WEEK
    middle = date.fromordinal(week_first + _HALF_WEEK)
    number = (middle.timetuple().tm_yday - 1) // _WEEK + 1
    last = date(middle.year, 12, 31).toordinal()
    weeks_after = (last - (week_first + _HALF_WEEK)) // _WEEK
    return number in pattern.weeks or -(weeks_after + 1) in pattern.weeks
