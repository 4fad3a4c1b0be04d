"""The four keys of delivery as the dashboard shows them: words, bars and a table."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from gitopshq.core.wording import counted, lasting
from releases import dora
from releases.dora import Keys
from releases.selectors.pace import MOST, WEEKS, Pace

BAR, GAP, HEIGHT = 8, 2, 28
"""In units of the drawing; a bar is never lower than one, unless nothing is known."""

_UNKNOWN: Final = "none"
_Reading = tuple[float | None, str]


def context(pace: Pace) -> dict[str, Any]:
    """Return the four keys of *pace*, each with its weeks drawn, and all in a table."""
    keys = pace.keys
    notes = _notes(keys)
    return {
        "weeks": WEEKS,
        "is_empty": not keys.whole.tried,
        "cut_at": MOST if pace.is_cut else 0,
        "source": dora.SOURCE,
        "keys": [
            {
                "name": name,
                "value": _WHOLE.get(name, read)(keys.whole)[1],
                "note": notes[name],
                "definition": dora.DEFINITIONS[name],
                "spark": spark(name, [read(week) for week in keys.weeks]),
            }
            for name, read in _READ.items()
        ],
        "names": list(_READ),
        "rows": [
            {
                "start": week.start,
                "end": week.end,
                "cells": [read(week)[1] for read in _READ.values()],
            }
            for week in reversed(keys.weeks)
        ],
    }


def spark(name: str, readings: Sequence[_Reading]) -> dict[str, Any]:
    """Return the bars of *readings*, oldest first, and the same in words."""
    highest = max((value or 0 for value, _ in readings), default=0)
    return {
        "width": len(readings) * (BAR + GAP) - GAP,
        "height": HEIGHT,
        "label": f"{name} by week, oldest first: "
        + ", ".join(said for _, said in readings),
        "bars": [
            {"x": at * (BAR + GAP), "y": HEIGHT - high, "width": BAR, "height": high}
            for at, high in enumerate(_height(value, highest) for value, _ in readings)
            if high
        ],
    }


def _height(value: float | None, highest: float) -> int:
    if value is None:
        return 0
    return max(1, round(HEIGHT * value / highest)) if highest else 1


def _notes(keys: dora.FourKeys) -> dict[str, str]:
    """Return what stands below each number: what it is made of."""
    whole = keys.whole
    restored = "median" if whole.restore_time else "nothing to restore"
    if keys.unrestored:
        restored = f"{counted('target', keys.unrestored)} not restored yet"
    return {
        "Deploys per week": f"{counted('deploy', whole.deploys)} in {WEEKS} weeks",
        "Lead time": "median, edit to commit" if whole.lead_time else "no edit shipped",
        "Failure rate": f"{whole.failed} of {whole.tried} tried",
        "Restore time": restored,
    }


def _deploys(keys: Keys) -> _Reading:
    return keys.deploys, str(keys.deploys)


def _per_week(keys: Keys) -> _Reading:
    return keys.per_week, f"{keys.per_week:.1f}"


def _lead_time(keys: Keys) -> _Reading:
    return _span(keys.lead_time)


def _failure_rate(keys: Keys) -> _Reading:
    rate = keys.failure_rate
    return (None, _UNKNOWN) if rate is None else (rate, f"{rate:.0%}")


def _restore_time(keys: Keys) -> _Reading:
    return _span(keys.restore_time)


def _span(span: timedelta | None) -> _Reading:
    if span is None:
        return None, _UNKNOWN
    return span.total_seconds(), lasting(span)


_READ: Final[dict[str, Callable[[Keys], _Reading]]] = {
    "Deploys per week": _deploys,
    "Lead time": _lead_time,
    "Failure rate": _failure_rate,
    "Restore time": _restore_time,
}
_WHOLE: Final = {"Deploys per week": _per_week}
