"""The light check of all repositories by schedule, and what it found last.

``manage.py fsck`` looks deeper; nothing is mended without an operator.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.utils import timezone

from delivery.soundness import unowned
from environments.models import Project
from releases import soundness

logger: Final = logging.getLogger(__name__)

_MARK: Final = "fsck"
_SHOWN: Final = 20
"""As many findings are kept for the page; all of them are in the log."""


@dataclass(frozen=True)
class LastCheck:
    """When all repositories were checked, how much was found, the first of it."""

    at: datetime
    count: int
    first: tuple[str, ...]


def check_all() -> None:
    """Check every project, log each finding, and keep them for operators."""
    found = [str(finding) for finding in unowned()]
    for project in Project.objects.order_by("slug"):
        found += map(str, soundness.check(project))
    for finding in found:
        logger.error("fsck: %s", finding)
    last = LastCheck(timezone.now(), len(found), tuple(found[:_SHOWN]))
    cache.set(_MARK, last, None)


def last_check() -> LastCheck | None:
    """Return what was found last; None where nobody knows."""
    found = cache.get(_MARK)
    return found if isinstance(found, LastCheck) else None
