"""An RRULE in plain words, such as ``every week on Monday, 3 times``, without times."""

from collections.abc import Iterable, Sequence
from typing import Final

from environments.recurrence import Recurrence
from environments.rule_days import Pattern

DAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday"),
    *("Friday", "Saturday", "Sunday"),
)
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UNITS: Final = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_WORKDAYS: Final = frozenset(range(5))
_SUFFIXES: Final = {1: "st", 2: "nd", 3: "rd"}
_TEENS: Final = range(11, 14)


def pattern_words(pattern: Pattern) -> str:
    """Return on which days the rule falls, in words."""
    return "".join([_how_often(pattern), *_narrowed(pattern)])


def end_words(recurrence: Recurrence) -> str:
    """Return how long the rule repeats, in words; "" where it has no end."""
    if recurrence.count is not None:
        times = "once" if recurrence.count == 1 else f"{recurrence.count} times"
        return f", {times}"
    if recurrence.until is not None:
        return f", until {recurrence.until:%-d %B %Y, %H:%M} UTC"
    if recurrence.last is not None:
        return f", until {recurrence.last:%-d %B %Y}"
    return ""


def _how_often(pattern: Pattern) -> str:
    unit = _UNITS[pattern.freq]
    if pattern.interval > 1:
        return f"every {pattern.interval} {unit}s"
    return f"every {unit}"


def _narrowed(pattern: Pattern) -> Iterable[str]:
    days = [*_numbered_weekdays(pattern), *_weekdays(pattern)]
    days += [_nth(number, "day") for number in _in_order(pattern.month_days)]
    days += [_nth(n, "day of the year") for n in _in_order(pattern.year_days)]
    if pattern.positions and days:
        which = _listed([_nth(n, "") for n in _in_order(pattern.positions)])
        yield f" on {which} of {_listed(days)}"
    elif days:
        yield f" on {_listed(days)}"
    if pattern.weeks:
        yield f" in week {_listed([str(n) for n in _in_order(pattern.weeks)])}"
    if pattern.months:
        yield f" in {_listed([_MONTHS[n - 1] for n in sorted(pattern.months)])}"


def _weekdays(pattern: Pattern) -> list[str]:
    if pattern.weekdays == _WORKDAYS:
        return ["workdays"]
    return [DAYS[day] for day in sorted(pattern.weekdays)]


def _numbered_weekdays(pattern: Pattern) -> list[str]:
    pairs = sorted(pattern.nth_weekdays, key=lambda pair: (pair[0] < 0, *pair))
    return [_nth(number, DAYS[day]) for number, day in pairs]


def _in_order(numbers: Iterable[int]) -> list[int]:
    """Return those from the start first, then those from the end."""
    return sorted(numbers, key=lambda number: (number < 0, number))


def _nth(number: int, what: str) -> str:
    if number == -1:
        said = "the last"
    elif number < 0:
        said = f"the {_ordinal(-number)} last"
    else:
        said = f"the {_ordinal(number)}"
    return f"{said} {what}".rstrip()


def _ordinal(number: int) -> str:
    if number % 100 in _TEENS:
        return f"{number}th"
    return f"{number}{_SUFFIXES.get(number % 10, 'th')}"


def _listed(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
