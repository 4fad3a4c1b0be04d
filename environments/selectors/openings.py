"""When an environment is frozen by its windows, and when it opens again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Final

from django.db.models import Q, QuerySet

from environments.freezing import HORIZON, Window, spans_between
from environments.models import Environment, FreezeWindow
from environments.selectors.freezes import window_of

MOST: Final = 10
_NEXT: Final = 3
_DAYS_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Closure:
    """One stretch of frozen time; ``end`` is the opening behind it.

    Where it *is_endless*, nobody looked far enough to see that opening.
    """

    start: datetime
    end: datetime
    reasons: tuple[str, ...]
    is_endless: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a calendar: whether it is closed, and when, on the reader's clock."""

    date: date
    in_month: bool
    closures: tuple[Closure, ...]
    is_whole: bool


def windows_reaching(environment: Environment) -> QuerySet[FreezeWindow]:
    """Return the windows of an environment and those of its project, newest first."""
    rows = FreezeWindow.objects.filter(
        Q(environment=environment) | Q(environment=None),
        project=environment.project_id,
    )
    return rows.select_related("environment", "tenant", "created_by").order_by(
        "ended_at", "-pk"
    )


def next_closures(
    windows: Iterable[FreezeWindow], at: datetime, *, tenant: str = ""
) -> list[Closure]:
    """Return the coming stretches in which all tenants are frozen, joined.

    With *tenant* (a slug), those in which it is. Looked for within 400 days; at most
    ten.
    """
    horizon = at + HORIZON
    found = _joined(_asked(windows, tenant), at, horizon)[:MOST]
    return [replace(one, is_endless=horizon < one.end) for one in found]


def next_stretches(window: Window, at: datetime) -> list[Closure]:
    """Return the next three stretches of one window that are not over at *at*."""
    spans = spans_between([window], at, at + HORIZON)
    found = sorted(islice(spans, _NEXT))
    return [Closure(span.start, span.end, (span.reason,)) for span in found]


def month_of(
    windows: Iterable[FreezeWindow], first: date, zone: tzinfo, *, tenant: str = ""
) -> list[list[Day]]:
    """Return the weeks, from Monday, of the month from *first* on, on a local clock."""
    start = first - timedelta(days=first.weekday())
    after = (first + timedelta(days=31)).replace(day=1)
    end = after + timedelta(days=-after.weekday() % _DAYS_A_WEEK)
    closures = _joined(
        _asked(windows, tenant), _midnight(start, zone), _midnight(end, zone)
    )
    days = [
        _day(start + timedelta(days=number), first, zone, closures)
        for number in range((end - start).days)
    ]
    return [days[at : at + _DAYS_A_WEEK] for at in range(0, len(days), _DAYS_A_WEEK)]


def _day(day: date, first: date, zone: tzinfo, closures: Sequence[Closure]) -> Day:
    low, high = _midnight(day, zone), _midnight(day + timedelta(days=1), zone)
    found = tuple(one for one in closures if one.start < high and low < one.end)
    is_whole = any(one.start <= low and high <= one.end for one in found)
    return Day(day, (day.year, day.month) == (first.year, first.month), found, is_whole)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _asked(windows: Iterable[FreezeWindow], tenant: str) -> list[Window]:
    return [
        window_of(row)
        for row in windows
        if row.tenant is None or (tenant and row.tenant.slug == tenant)
    ]


def _joined(windows: Iterable[Window], low: datetime, high: datetime) -> list[Closure]:
    """Return the stretches between two instants; what touches is one."""
    found: list[Closure] = []
    for span in sorted(spans_between(windows, low, high)):
        last = found[-1] if found else None
        if last is not None and span.start <= last.end:
            reasons = dict.fromkeys((*last.reasons, span.reason))
            end = max(last.end, span.end)
            found[-1] = Closure(last.start, end, tuple(reasons))
        else:
            found.append(Closure(span.start, span.end, (span.reason,)))
    return found
