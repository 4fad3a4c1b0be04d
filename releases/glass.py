"""Break-glass on a release: which rows there are, how they stand, which one is open.

Two people set the freeze aside for one release and an hour; see
``actions.breaking_glass`` for how, ``freeze_gate`` for what it opens.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from environments import access
from environments.permissions import Permission
from releases.models import BreakGlass, Release

LASTS: Final = timedelta(minutes=60)
"""How long a confirmed one is open, and how long one waits for the second person."""


class GlassState(StrEnum):
    """``lapsed``: nobody confirmed it in time; ``expired``: it was open, and is not."""

    WAITING = "waiting"
    LAPSED = "lapsed"
    OPEN = "open"
    EXPIRED = "expired"


def state_of(row: BreakGlass, at: datetime) -> GlassState:
    """Say how *row* stands at *at*: ends are exclusive."""
    if row.expires_at is None:
        waits = at < row.asked_at + LASTS
        return GlassState.WAITING if waits else GlassState.LAPSED
    return GlassState.OPEN if at < row.expires_at else GlassState.EXPIRED


def glasses_of(release: Release) -> list[BreakGlass]:
    """Return every break-glass of *release*, newest first: they stay for ever."""
    rows = BreakGlass.objects.filter(release=release)
    return list(rows.select_related("asked_by", "confirmed_by").order_by("-pk"))


def current_of(rows: Sequence[BreakGlass], at: datetime) -> BreakGlass | None:
    """Return the one that waits or is open at *at*; there is at most one."""
    live = (GlassState.WAITING, GlassState.OPEN)
    return next((row for row in rows if state_of(row, at) in live), None)


def is_open(row: BreakGlass, at: datetime) -> bool:
    """Say whether *row* was confirmed at *at*, and is not over."""
    return row.confirmed_at is not None and (
        row.confirmed_at <= at and state_of(row, at) == GlassState.OPEN
    )


def open_glasses(releases: Iterable[Release], at: datetime) -> dict[int, BreakGlass]:
    """Return what sets freezes aside at *at*, by the key of its release.

    Both people must hold the permission still, as voters must. One query, and one
    more for each that is open; their targets with environments should be selected.
    """
    asked = {release.pk: release for release in releases}
    rows = BreakGlass.objects.filter(
        release__in=asked, confirmed_at__lte=at, expires_at__gt=at
    )
    found = {}
    for row in rows.select_related("asked_by", "confirmed_by").order_by("pk"):
        environment = asked[row.release_id].target.environment
        holders = access.holders_of(Permission.OVERRIDE_FREEZE, environment)
        two = [person.pk for person in (row.asked_by, row.confirmed_by) if person]
        if holders.filter(pk__in=two).count() == len(two):
            found[row.release_id] = row
    return found


def glass_document(row: BreakGlass, at: datetime) -> dict[str, Any]:
    """Return *row* by Python names, for the API."""
    return {
        "state": state_of(row, at).value,
        "reason": row.reason,
        "asked_by": row.asked_by.username,
        "asked_at": row.asked_at,
        "confirmed_by": row.confirmed_by.username if row.confirmed_by else None,
        "confirmed_at": row.confirmed_at,
        "expires_at": row.expires_at,
    }
