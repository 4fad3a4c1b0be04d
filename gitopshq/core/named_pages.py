"""Lists that are whole in memory, narrowed by name and shown a page at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

RowT = TypeVar("RowT")

PAGE: Final = 50
"""How many rows stand on a page."""


@dataclass(frozen=True, slots=True)
class NamedPage(Generic[RowT]):
    """A page of rows, and what the words and links around it need.

    ``total`` counts what fits ``words``; ``next`` is the name of the last row where
    others follow.
    """

    rows: Sequence[RowT] = ()
    words: str = ""
    total: int = 0
    next: str | None = None

    @property
    def is_narrowable(self) -> bool:
        """Whether a filter is of use: the list is long, or one is set."""
        return bool(self.words) or self.total > PAGE


def page_by_name(
    rows: Sequence[RowT],
    query: Mapping[str, str],
    *,
    name: Callable[[RowT], str] = str,
) -> NamedPage[RowT]:
    """Return those of *rows* whose name holds ``q``, behind the one named ``cursor``.

    Their order stays. A cursor that names no row any more begins anew.

    :param name: tells each row from the others
    """
    words, after = query.get("q", "").strip(), query.get("cursor", "")
    fit = [row for row in rows if words.lower() in name(row).lower()]
    behind = next((n for n, row in enumerate(fit, 1) if name(row) == after), 0)
    page = fit[behind : behind + PAGE]
    more = name(page[-1]) if len(fit) > behind + PAGE else None
    return NamedPage(page, words, len(fit), more)
