"""Whether the schedule still runs: a mark that beat has a worker renew."""

from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.utils import timezone

_MARK: Final = "beat"


def note_beat() -> None:
    """Say that beat rang and a worker heard it."""
    cache.set(_MARK, timezone.now(), None)


def last_beat() -> datetime | None:
    """Return when that was last; None where nobody knows."""
    found = cache.get(_MARK)
    return found if isinstance(found, datetime) else None
