"""Instants as text: as everything on the wire has them, and as a reader's clock does.

On the wire that is RFC 3339 in UTC with ``Z``. What is kept as text or JSON is kept so;
pages put the reader's clock in its place.
"""

import re
from datetime import UTC, datetime
from typing import Final

from django.utils import dateformat, timezone

_ON_THE_WIRE: Final = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")


def rfc3339(moment: datetime) -> str:
    """Return *moment*, which is aware, as text."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def on_the_clock(moment: datetime) -> str:
    """Return *moment* in the reader's zone; with the year, where it is another one."""
    local = timezone.localtime(moment)
    is_this_year = local.year == timezone.localdate().year
    return dateformat.format(local, f"D j M{'' if is_this_year else ' Y'}, H:i T")


def with_clock_times(text: str) -> str:
    """Return *text* with the reader's clock in place of instants as the wire has."""
    return _ON_THE_WIRE.sub(_on_the_clock, text)


def _on_the_clock(found: re.Match[str]) -> str:
    try:
        return on_the_clock(datetime.fromisoformat(found[0]))
    except (OverflowError, ValueError):  # somebody's own text: no such day
        return found[0]
