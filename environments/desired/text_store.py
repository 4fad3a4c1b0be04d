"""Texts by their SHA-256: what the pure functions ask of a store, and one in memory."""

from collections.abc import Iterable
from typing import Protocol, Self

from environments.desired.texts import text_digest


class Texts(Protocol):
    """Texts by their SHA-256: any mapping, loading lazily if it likes."""

    def __getitem__(self, digest: str, /) -> str:
        """Return a text.

        :raises KeyError: none of that digest
        """
        ...


class MutableTexts(Texts, Protocol):
    """Texts by their SHA-256 that new ones can be added to."""

    def add(self, text: str, /) -> str:
        """Keep a text and return its digest."""
        ...


class TextStore(dict[str, str]):
    """Texts by their SHA-256, in memory."""

    @classmethod
    def holding(cls, texts: Iterable[str]) -> Self:
        """Return a store that holds these texts."""
        store = cls()
        for text in texts:
            store.add(text)
        return store

    def add(self, text: str) -> str:
        """Keep a text and return its digest."""
        digest = text_digest(text)
        self[digest] = text
        return digest
