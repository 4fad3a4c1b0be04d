"""What was worked out from contents alone, kept so that it is not worked out again.

A key says all that the value was made of, so nothing kept is ever out of date.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, of one process; threads may share it.

    ``most`` is what they may weigh together, each as much as ``weigh`` says. What was
    not asked for the longest goes first.
    """

    def __init__(self, most: int, weigh: Callable[[V], int] = lambda _: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._weight = 0
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> None:
        """Keep a value; one that alone weighs too much is not kept."""
        weight = self._weigh(value)
        if weight > self._most:
            return
        with self._lock:
            if key in self._kept:
                self._weight -= self._weigh(self._kept.pop(key))
            self._kept[key] = value
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._weigh(self._kept.popitem(last=False)[1])
