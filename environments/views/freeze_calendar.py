"""The freezes of an environment as its page shows them: windows, a month, the next."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import dateformat, timezone

from environments.models import FreezeWindow
from environments.selectors.freezes import window_of
from environments.selectors.openings import (
    Closure,
    month_of,
    next_closures,
    next_stretches,
)
from environments.window_words import window_words
from gitopshq.core.years import FIRST_YEAR, LAST_YEAR


def context(
    windows: Sequence[FreezeWindow],
    tenants: Sequence[str],
    asked: QueryDict,
    now: datetime,
) -> dict[str, Any]:
    """Return the list of windows, the month that was asked for, and what comes next."""
    tenant = asked.get("tenant", "")
    tenant = tenant if tenant in tenants else ""
    first = _month(asked.get("month", ""), now)
    zone = timezone.get_current_timezone()
    return {
        "window_rows": [_row(window, now) for window in windows],
        "closures": next_closures(windows, now, tenant=tenant),
        "calendar": {
            "first": first,
            "weeks": month_of(windows, first, zone, tenant=tenant),
            "today": timezone.localtime(now).date(),
            "before": _link(first - timedelta(days=1), tenant),
            "after": _link(first + timedelta(days=31), tenant),
            "tenants": [
                {
                    "label": slug or "All tenants",
                    "url": _link(first, slug),
                    "current": slug == tenant,
                }
                for slug in ("", *tenants)
            ],
        },
    }


def preview_of(
    row: FreezeWindow, windows: Sequence[FreezeWindow], now: datetime
) -> dict[str, Any]:
    """Return what the unsaved *row* would close beside *windows*.

    Each closing and opening stands on the window's own clock too: across a change of
    clocks only that one keeps its hours.
    """
    window = window_of(row)
    zone = ZoneInfo(row.time_zone)
    tenant = row.tenant.slug if row.tenant else ""
    return {
        "says": window_words(window),
        "zone": row.time_zone,
        "closures": [
            {
                "closure": one,
                "is_new": row.reason in one.reasons,
                "closes": _clock(one.start, zone),
                "opens": "" if one.is_endless else _clock(one.end, zone),
            }
            for one in next_closures([*windows, row], now, tenant=tenant)
        ],
    }


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return dateformat.format(moment.astimezone(zone), "D H:i T")


def _row(row: FreezeWindow, now: datetime) -> dict[str, Any]:
    window = window_of(row)
    upcoming: list[Closure] = next_stretches(window, now)
    return {"window": row, "says": window_words(window), "next": upcoming}


def _month(asked: str, now: datetime) -> date:
    """Return the first day of the month ``2026-12``, or of this one."""
    today = timezone.localtime(now).date()
    try:
        found = date.fromisoformat(f"{asked}-01")
    except ValueError:
        return today.replace(day=1)
    return found if FIRST_YEAR < found.year < LAST_YEAR else today.replace(day=1)


def _link(day: date, tenant: str) -> str:
    return f"?month={day:%Y-%m}{f'&tenant={tenant}' if tenant else ''}#calendar"
