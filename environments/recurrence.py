"""Repeats of a freeze window: RRULEs of RFC 5545 on a wall clock, no finer than daily.

Time zones are not known here; see ``freezing``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, Self
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

FIRST_YEAR, LAST_YEAR = 2000, 2069
"""Repeats begin in the first of these years at the earliest and end with the last."""

_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_DAY: Final = re.compile(r"([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")
_CYCLE: Final = 28
_LAST_CYCLE_ENDS: Final = 9998


class RecurrenceRefused(ValueError):
    """A rule that is not one, or finer than daily."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A checked rule, and the wall-clock time of its first occurrence."""

    rule: str
    start: datetime

    @classmethod
    def parse(cls, text: str, *, starts_at: datetime, zone: ZoneInfo) -> Self:
        """Read a rule such as ``FREQ=WEEKLY;BYDAY=FR``.

        :raises RecurrenceRefused: with the part that is wrong
        """
        parts = _parts(text)
        if parts.get("FREQ") not in _FREQUENCIES:
            raise RecurrenceRefused(f"FREQ must be one of {', '.join(_FREQUENCIES)}")
        if "COUNT" in parts and "UNTIL" in parts:
            raise RecurrenceRefused("COUNT and UNTIL exclude each other")
        for name, value in parts.items():
            if not _CHECKS[name](value):
                raise RecurrenceRefused(f"{name}={value} is not possible")
        ordinals = any(day[0].isdigit() or day[0] in "+-" for day in _days(parts))
        if ordinals and parts["FREQ"] not in {"MONTHLY", "YEARLY"}:
            raise RecurrenceRefused("BYDAY with a number needs MONTHLY or YEARLY")
        if "UNTIL" in parts:
            parts["UNTIL"] = f"{_until(parts['UNTIL'], zone):%Y%m%dT%H%M%S}"
        start = starts_at.astimezone(zone).replace(tzinfo=None, microsecond=0)
        if not FIRST_YEAR <= start.year <= LAST_YEAR:
            raise RecurrenceRefused(
                f"repeats begin between {FIRST_YEAR} and {LAST_YEAR}"
            )
        rule = ";".join(f"{name}={value}" for name, value in parts.items())
        recurrence = cls(rule, start)
        try:
            recurrence.between(start, start)
        except ValueError as error:
            raise RecurrenceRefused(f"no usable rule: {error}") from error
        return recurrence

    def between(self, low: datetime, high: datetime) -> list[datetime]:
        """Return the occurrences from *low* to *high*, both included, wall clock."""
        high = min(high, datetime(LAST_YEAR, 12, 31))  # noqa: DTZ001
        if low > high:
            return []
        years = _shift(high.year)
        found = self._rule(years).between(
            _moved(low, years), _moved(high, years), inc=True
        )
        return [_moved(occurrence, -years) for occurrence in found]

    def _rule(self, years: int) -> rrule:
        rule = re.sub(
            r"(?<=UNTIL=)\d{4}",
            lambda year: str(min(int(year[0]) + years, 9999)),
            self.rule,
        )
        parsed = rrulestr(rule, dtstart=_moved(self.start, years))
        assert isinstance(parsed, rrule), "one rule was given"
        return parsed


def _shift(year: int) -> int:
    """Return by how many years to move a rule, so that looking for it ends soon.

    dateutil looks for the next occurrence up to the year 9999, for minutes where a
    rule never has one. The calendar of 2000 to 2099 repeats every 28 years and is that
    of 9901 to 9999 as well, so rules are answered at the end of dateutil's time.
    """
    return 8000 + _CYCLE * ((_LAST_CYCLE_ENDS - 8000 - year) // _CYCLE)


def _moved(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years)


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in _CHECKS:
            raise RecurrenceRefused(f"{name or part!r} is no part of a daily rule")
        if name in parts:
            raise RecurrenceRefused(f"{name} stands twice")
        parts[name] = value
    return parts


def _days(parts: dict[str, str]) -> list[str]:
    return parts["BYDAY"].split(",") if "BYDAY" in parts else []


def _until(value: str, zone: ZoneInfo) -> datetime:
    """Return the last moment of a rule on the wall clock of *zone*."""
    found = _UNTIL.fullmatch(value)
    assert found is not None, "checked before"
    if found[2] is None:
        day = datetime.strptime(found[1], "%Y%m%d")  # noqa: DTZ007
        return datetime.combine(day, time(23, 59, 59))
    moment = datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S")  # noqa: DTZ007
    if not found[3]:
        return moment
    utc = moment.replace(tzinfo=ZoneInfo("UTC"))
    return utc.astimezone(zone).replace(tzinfo=None)


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
    return FIRST_YEAR <= moment.year <= LAST_YEAR + 1


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
    "FREQ": lambda value: value in _FREQUENCIES,
    "INTERVAL": _number(1, 1000),
    "COUNT": _number(1, 10_000),
    "UNTIL": _is_until,
    "WKST": lambda value: bool(_DAY.fullmatch(value)) and value.isalpha(),
    "BYDAY": lambda value: all(_DAY.fullmatch(day) for day in value.split(",")),
    "BYMONTH": _numbers(1, 12),
    "BYMONTHDAY": _numbers(1, 31, signed=True),
    "BYYEARDAY": _numbers(1, 366, signed=True),
    "BYWEEKNO": _numbers(1, 53, signed=True),
    "BYSETPOS": _numbers(1, 366, signed=True),
}
