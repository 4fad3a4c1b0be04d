"""When an environment is frozen by its windows, and when it opens again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from environments.freezing import HORIZON, Window, spans_between
from environments.models import Environment, FreezeWindow
from environments.selectors.freezes import window_of

MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Closure:
    """One stretch of frozen time; ``end`` is the opening behind it."""

    start: datetime
    end: datetime
    reasons: tuple[str, ...]


def windows_reaching(environment: Environment) -> QuerySet[FreezeWindow]:
    """Return the windows of an environment and those of its project, newest first."""
    rows = FreezeWindow.objects.filter(
        Q(environment=environment) | Q(environment=None),
        project=environment.project_id,
    )
    return rows.select_related("environment", "tenant", "created_by").order_by(
        "ended_at", "-pk"
    )


def next_closures(windows: Iterable[FreezeWindow], at: datetime) -> list[Closure]:
    """Return the coming stretches in which all tenants are frozen, joined.

    Looked for within 400 days; at most ten.
    """
    asked: list[Window] = [window_of(row) for row in windows if row.tenant_id is None]
    found: list[Closure] = []
    for span in sorted(spans_between(asked, at, at + HORIZON)):
        last = found[-1] if found else None
        if last is not None and span.start <= last.end:
            reasons = dict.fromkeys((*last.reasons, span.reason))
            end = max(last.end, span.end)
            found[-1] = Closure(last.start, end, tuple(reasons))
        else:
            found.append(Closure(span.start, span.end, (span.reason,)))
    return found[:MOST]
