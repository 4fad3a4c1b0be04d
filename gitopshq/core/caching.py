"""A cache that degrades: while the server is away, each process counts by itself.

Logging in and the limits on calls stay what they are, per process instead of for all
of them together.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

AWAY_FOR: Final = 5.0
"""Seconds for which a server that did not answer is not asked again."""

_log: Final = logging.getLogger(__name__)


class DegradingCache(RedisCache):
    """Redis or Valkey; where it does not answer, the memory of this process."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._own = LocMemCache(f"instead-of-{server}", params)
        self._asked_again_at = 0.0

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try("get", key, default, version)

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self._try("set", key, value, *args, **kwargs)

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try("add", key, value, *args, **kwargs))

    def touch(self, key: Any, *args: Any, **kwargs: Any) -> bool:
        return bool(self._try("touch", key, *args, **kwargs))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._try("delete", key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._try("incr", key, delta, version))

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._try("has_key", key, version))

    def clear(self) -> None:
        self._try("clear")

    def _try(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        ours: Callable[..., Any] = getattr(self._own, verb)
        if time.monotonic() < self._asked_again_at:
            return ours(*args, **kwargs)
        try:
            return getattr(super(), verb)(*args, **kwargs)
        except (RedisError, OSError):
            _log.warning("the cache does not answer: this process counts by itself")
            self._asked_again_at = time.monotonic() + AWAY_FOR
            return ours(*args, **kwargs)
