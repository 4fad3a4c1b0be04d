"""When a release can ship: the first instant at which every gate is open.

Pure. A gate that moves with the clock says how it stands at an instant and when that
next changes; the answer is found by walking those changes. What rows say of a release
is not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from environments.freezing import Toggle, Window, verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """A gate at one instant; ``next_change`` None: never, or beyond what is seen."""

    is_open: bool
    next_change: datetime | None


class Clockwork(Protocol):
    """A gate that only the clock moves, as long as nobody does anything."""

    def __call__(self, instant: datetime, /) -> Standing: ...


@dataclass(frozen=True, slots=True)
class Calendar:
    """Open outside freezes, and while break-glass sets them aside (half-open)."""

    toggle: Toggle | None = None
    windows: Sequence[Window] = ()
    set_aside_until: datetime | None = None

    def __call__(self, instant: datetime, /) -> Standing:
        aside = self.set_aside_until
        is_aside = aside is not None and instant < aside
        looked_at = aside if aside is not None and is_aside else instant
        freeze = verdict(self.toggle, self.windows, looked_at)
        if is_aside:
            ends = looked_at if freeze.is_frozen else freeze.next_change
            return Standing(is_open=True, next_change=ends)
        if freeze.is_frozen:
            return Standing(is_open=False, next_change=freeze.until)
        return Standing(is_open=True, next_change=freeze.next_change)


@dataclass(frozen=True, slots=True)
class Quorum:
    """Open while enough votes count; of each that does, when it lapses (None: never).

    A vote that has lapsed does not come back by itself.
    """

    required: int
    lapses: Sequence[datetime | None] = ()

    def __call__(self, instant: datetime, /) -> Standing:
        live = [at for at in self.lapses if at is None or instant < at]
        spare = len(live) - self.required
        if spare < 0:
            return Standing(is_open=False, next_change=None)
        ends = sorted(at for at in live if at is not None)
        falls = self.required > 0 and spare < len(ends)
        return Standing(is_open=True, next_change=ends[spare] if falls else None)


@dataclass(frozen=True, slots=True)
class Start:
    """Closed until a planned start, open from then on."""

    at: datetime

    def __call__(self, instant: datetime, /) -> Standing:
        if instant < self.at:
            return Standing(is_open=False, next_change=self.at)
        return Standing(is_open=True, next_change=None)


@dataclass(frozen=True, slots=True)
class Opening:
    """The first stretch ``[at, until)`` in which all gates are open.

    ``at`` None: there is none in sight. ``until`` None: no end of it is. ``ended_by``
    names the gate that closes first; ``blocked_by`` those that no clock will open.
    """

    at: datetime | None
    until: datetime | None = None
    ended_by: str = ""
    blocked_by: tuple[str, ...] = ()


def earliest(gates: Mapping[str, Clockwork], now: datetime) -> Opening:
    """Return when all *gates* are first open at once, from *now* on.

    Until the last of the closed ones opens, one of them is closed: so it is enough to
    look at that instant next. Freezes end, and votes do not come back: it ends.
    """
    at = now
    while True:
        found = {name: gate(at) for name, gate in gates.items()}
        closed = {name: one for name, one in found.items() if not one.is_open}
        if not closed:
            return _open(at, found)
        never = tuple(name for name, one in closed.items() if one.next_change is None)
        if never:
            return Opening(None, blocked_by=never)
        at = max(one.next_change for one in closed.values() if one.next_change)


def _open(at: datetime, found: Mapping[str, Standing]) -> Opening:
    ends = {name: one.next_change for name, one in found.items() if one.next_change}
    if not ends:
        return Opening(at)
    first = min(ends, key=lambda name: ends[name])
    return Opening(at, ends[first], first)
