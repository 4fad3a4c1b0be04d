"""What was found sound before, by digest, so that it is not looked at again.

Only what passed is remembered: what did not is told again with its place.
"""

from collections.abc import Hashable
from typing import Final

MAX_REMEMBERED: Final = 50_000


class Sound:
    """A set of keys that starts anew when it is full; threads may share it."""

    def __init__(self) -> None:
        self._keys: set[Hashable] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._keys

    def add(self, key: Hashable) -> None:
        """Remember a key."""
        if len(self._keys) >= MAX_REMEMBERED:
            self._keys = set()
        self._keys.add(key)
