"""How often one caller may call."""

import time
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

if TYPE_CHECKING:
    # DRF loads this module while its own views are being made.
    from rest_framework.views import APIView

WINDOW: Final = 60
"""Seconds in which the calls are counted."""


class CallsPerMinute(BaseThrottle):
    """Count calls per person (or address) and minute, in one cache operation each.

    Without the cache nobody is throttled: the product works while the broker is away.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count this call and say whether it is still within the limit."""
        limit: int = settings.API_CALLS_PER_MINUTE
        caller = request.user.pk or self.get_ident(request)
        key = f"api-calls:{caller}:{int(time.time()) // WINDOW}"
        try:
            cache.add(key, 0, timeout=2 * WINDOW)
            return bool(cache.incr(key) <= limit)
        except (RedisError, OSError, ValueError):
            # ValueError: the window ended between the two operations.
            return True

    def wait(self) -> float:
        """Return the seconds until the next window begins."""
        return WINDOW - time.time() % WINDOW
