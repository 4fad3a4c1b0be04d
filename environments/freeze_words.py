"""How a freeze is said: one sentence wherever it blocks, and its short form.

How instants are written is the caller's affair: as on the wire, or as a clock shows.
"""

from collections.abc import Callable
from datetime import datetime

from environments.freezing import FreezeVerdict
from gitopshq.core.instants import rfc3339

Say = Callable[[datetime], str]
"""How a moment is written: as on the wire, or as a person reads it."""


def blocked(freeze: FreezeVerdict, environment: str, *, say: Say = rfc3339) -> str:
    """Say what is frozen, by which reason, and when deploys resume."""
    then = say(freeze.until) if freeze.until else "when it is lifted"
    return (
        f"Environment {environment} is frozen by “{freeze.reason}” — "
        f"deploys resume {then}"
    )


def in_short(freeze: FreezeVerdict, *, say: Say = rfc3339) -> str:
    """Say until when it is frozen and by which reason, where the place is known."""
    if freeze.until is None:
        return f"frozen by “{freeze.reason}” until it is lifted"
    return f"frozen until {say(freeze.until)} by “{freeze.reason}”"
