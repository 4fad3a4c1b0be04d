"""Texts in the database, by their SHA-256: read lazily or in bulk, stored once."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from environments.desired.state import EMPTY_TEXT
from environments.desired.texts import text_digest
from environments.models import Text

_BATCH = 500


class DatabaseTexts(Mapping[str, str]):
    """Rows of ``Text`` as a mapping that loads what is asked for and keeps it.

    ``prefetch`` loads many at once; ``add`` stores. It iterates over what is loaded.
    """

    def __init__(self) -> None:
        self._loaded: dict[str, str] = {EMPTY_TEXT: ""}

    def __getitem__(self, digest: str) -> str:
        if digest not in self._loaded:
            self.prefetch([digest])
        return self._loaded[digest]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)

    def prefetch(self, digests: Collection[str]) -> None:
        """Load what is not loaded yet, a few hundred texts a query."""
        missing = sorted(set(digests) - self._loaded.keys())
        for start in range(0, len(missing), _BATCH):
            self._load(missing[start : start + _BATCH])

    def _load(self, digests: Collection[str]) -> None:
        rows = Text.objects.filter(digest__in=digests)
        self._loaded.update(rows.values_list("digest", "body"))

    def add(self, text: str) -> str:
        """Store *text* and return its digest."""
        digest = text_digest(text)
        if digest not in self._loaded:
            store_texts([text])
            self._loaded[digest] = text
        return digest


class TextsHolding(DatabaseTexts):
    """The same of texts that hold a word: the others are not loaded, and read empty."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self._word = word

    def _load(self, digests: Collection[str]) -> None:
        rows = Text.objects.filter(digest__in=digests, body__contains=self._word)
        self._loaded.update(dict.fromkeys(digests, ""))
        self._loaded.update(rows.values_list("digest", "body"))


class ScratchTexts(DatabaseTexts):
    """The same for a look ahead: what is added stays in memory."""

    def add(self, text: str) -> str:
        """Keep *text* for as long as this lives, and return its digest."""
        digest = text_digest(text)
        self._loaded[digest] = text
        return digest


def store_texts(texts: Iterable[str]) -> None:
    """Store texts that are not there yet."""
    rows = [Text(digest=text_digest(text), body=text) for text in set(texts)]
    Text.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH)
