"""Repeats of a freeze window: RRULEs of RFC 5545 on a wall clock, no finer than daily.

Reading and checking a rule is here; which days it falls on is known to ``rule_days``,
and what a wall clock means in a time zone to ``freezing``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Final, Self
from zoneinfo import ZoneInfo

from environments.rule_days import FREQUENCIES, WEEKDAYS, Pattern, RuleDays
from gitopshq.core.years import FIRST_YEAR, LAST_YEAR

_DAY: Final = re.compile(r"([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_ONE_DAY: Final = timedelta(days=1)


class RecurrenceRefused(ValueError):
    """A rule that is not one, or finer than daily."""


@dataclass(frozen=True)
class Recurrence:
    """A checked rule, and the wall-clock time of its first occurrence.

    ``last`` is the latest wall clock of a start; ``until`` the latest instant of one,
    where the rule names it in UTC.
    """

    pattern: Pattern
    start: datetime
    count: int | None = None
    last: datetime | None = None
    until: datetime | None = None

    @classmethod
    def parse(cls, text: str, *, starts_at: datetime, zone: ZoneInfo) -> Self:
        """Read a rule such as ``FREQ=WEEKLY;BYDAY=FR``.

        :raises RecurrenceRefused: with the part that is wrong
        """
        parts = _parts(text)
        _check(parts)
        start = starts_at.astimezone(zone).replace(tzinfo=None, microsecond=0)
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise RecurrenceRefused(
                f"repeats begin between {FIRST_YEAR} and {LAST_YEAR}"
            )
        last, until = _end(parts.get("UNTIL"), zone)
        count = int(parts["COUNT"]) if "COUNT" in parts else None
        return cls(_pattern(parts, start.date()), start, count, last, until)

    @cached_property
    def days(self) -> RuleDays:
        """The days of the pattern; those before the start are none of its own."""
        return RuleDays(self.pattern, self.start.date())

    def onward(self, low: datetime, high: datetime) -> Iterator[datetime]:
        """Yield the occurrences from *low* to *high*, both included, wall clock."""
        at = self.start.time()
        first = max(low, self.start).toordinal()
        last = min(high.toordinal(), self._end_ordinal)
        for day in self.days.onward(first, last):
            occurrence = datetime.combine(date.fromordinal(day), at)
            if low <= occurrence <= high:
                yield occurrence

    def backward(self, low: datetime, high: datetime) -> Iterator[datetime]:
        """Yield the same, the latest first."""
        at = self.start.time()
        first = max(low, self.start).toordinal()
        last = min(high.toordinal(), self._end_ordinal)
        for day in self.days.backward(first, last):
            occurrence = datetime.combine(date.fromordinal(day), at)
            if low <= occurrence <= high:
                yield occurrence

    @cached_property
    def _end_ordinal(self) -> int:
        """The last day on which it may start."""
        ends = [date(LAST_YEAR, 12, 31).toordinal()]
        if self.last is not None:
            ended = self.last.time() < self.start.time()
            ends.append(self.last.toordinal() - ended)
        if self.count is not None:
            ends.append(self.days.of_number(self.count, LAST_YEAR))
        return max(min(ends), 1)


@lru_cache(maxsize=4096)
def recurrence_of(text: str, starts_at: datetime, zone_name: str) -> Recurrence:
    """Return a rule that was checked before; its days are remembered with it."""
    return Recurrence.parse(text, starts_at=starts_at, zone=ZoneInfo(zone_name))


def _pattern(parts: dict[str, str], start: date) -> Pattern:
    """Return which days *parts* mean; what they leave open is as on the first day."""
    freq = parts["FREQ"]
    days = _numbers_in(parts, "BYMONTHDAY")
    months = _numbers_in(parts, "BYMONTH")
    named = [_named(day) for day in _days(parts)]
    weekdays = frozenset(day for number, day in named if number == 0)
    if not {"BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY"} & parts.keys():
        if freq == "WEEKLY":
            weekdays = frozenset({start.weekday()})
        if freq in {"MONTHLY", "YEARLY"}:
            days = frozenset({start.day})
        if freq == "YEARLY" and not months:
            months = frozenset({start.month})
    return Pattern(
        freq=freq,
        interval=int(parts.get("INTERVAL", 1)),
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
        months=months,
        month_days=days,
        year_days=_numbers_in(parts, "BYYEARDAY"),
        weeks=_numbers_in(parts, "BYWEEKNO"),
        weekdays=weekdays,
        nth_weekdays=frozenset(pair for pair in named if pair[0]),
        positions=_numbers_in(parts, "BYSETPOS"),
    )


def _check(parts: dict[str, str]) -> None:
    if parts.get("FREQ") not in FREQUENCIES:
        raise RecurrenceRefused(f"FREQ must be one of {', '.join(FREQUENCIES)}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise RecurrenceRefused("COUNT and UNTIL exclude each other")
    for name, value in parts.items():
        if not _CHECKS[name](value):
            raise RecurrenceRefused(f"{name}={value} is not possible")
    numbered = any(number for number, _ in map(_named, _days(parts)))
    if numbered and parts["FREQ"] not in {"MONTHLY", "YEARLY"}:
        raise RecurrenceRefused("BYDAY with a number needs MONTHLY or YEARLY")


def _parts(text: str) -> dict[str, str]:
    rule = text.strip().upper().removeprefix("RRULE:")
    lines = rule.splitlines()
    if len(lines) > 1 or re.match(r"(DTSTART|EXDATE|EXRULE|RDATE)\b", rule):
        raise RecurrenceRefused("one RRULE, without DTSTART, RDATE or EXDATE")
    parts: dict[str, str] = {}
    for part in rule.removesuffix(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _CHECKS:
            raise RecurrenceRefused(f"{name or part!r} is no part of a daily rule")
        if name in parts:
            raise RecurrenceRefused(f"{name} stands twice")
        parts[name] = value
    return parts


def _days(parts: dict[str, str]) -> list[str]:
    return parts["BYDAY"].split(",") if "BYDAY" in parts else []


def _named(day: str) -> tuple[int, int]:
    """Return the number of a ``BYDAY`` (0 for every) and the weekday (0 is Monday)."""
    found = _DAY.fullmatch(day)
    assert found is not None, "checked before"
    return int(found[1] or 0), WEEKDAYS.index(found[2])


def _numbers_in(parts: dict[str, str], name: str) -> frozenset[int]:
    return frozenset(map(int, parts[name].split(","))) if name in parts else frozenset()


def _end(value: str | None, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Return the last wall clock of a start, and the last instant if that is given."""
    if value is None:
        return None, None
    found = _UNTIL.fullmatch(value)
    assert found is not None, "checked before"
    day = datetime.strptime(found[1], "%Y%m%d")  # noqa: DTZ007  a wall clock
    if found[2] is None:
        return datetime.combine(day, time(23, 59, 59)), None
    moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007
    if not found[3]:
        return moment, None
    until = moment.replace(tzinfo=UTC)
    # Where clocks change, the wall clock does not tell which starts are later.
    loose = until.astimezone(zone).replace(tzinfo=None) + _ONE_DAY
    return loose, until


def _is_until(value: str) -> bool:
    found = _UNTIL.fullmatch(value)
    if found is None:
        return False
    try:
        moment = datetime.strptime(  # noqa: DTZ007
            found[1] + (found[2] or "000000"), "%Y%m%d%H%M%S"
        )
    except ValueError:
        return False
    return FIRST_YEAR <= moment.year <= LAST_YEAR


def _numbers(least: int, most: int, *, signed: bool = False) -> Callable[[str], bool]:
    def check(value: str) -> bool:
        pattern = r"[+-]?\d{1,5}" if signed else r"\d{1,5}"
        numbers = value.split(",")
        return all(
            re.fullmatch(pattern, number) and least <= abs(int(number)) <= most
            for number in numbers
        )

    return check


def _number(least: int, most: int) -> Callable[[str], bool]:
    many = _numbers(least, most)
    return lambda value: "," not in value and many(value)


_CHECKS: Final[dict[str, Callable[[str], bool]]] = {
    "FREQ": lambda value: value in FREQUENCIES,
    "INTERVAL": _number(1, 1000),
    "COUNT": _number(1, 10_000),
    "UNTIL": _is_until,
    "WKST": lambda value: value in WEEKDAYS,
    "BYDAY": lambda value: all(_DAY.fullmatch(day) for day in value.split(",")),
    "BYMONTH": _numbers(1, 12),
    "BYMONTHDAY": _numbers(1, 31, signed=True),
    "BYYEARDAY": _numbers(1, 366, signed=True),
    "BYWEEKNO": _numbers(1, 53, signed=True),
    "BYSETPOS": _numbers(1, 366, signed=True),
}
