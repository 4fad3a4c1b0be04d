"""Searching everything that one person may view, one query for each kind of thing.

Names of desired state are matched inside; there are thousands of them at most. Of
releases, which grow for ever, titles are read from an index that holds them, newest
first, and numbers and commits are looked up. The plans are shown by
``tests/releases/test_search.py``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from environments.selectors import projects_seen_whole
from environments.selectors.everywhere import Everywhere
from gitopshq.core.models import User
from releases.selectors.search.hits import Hit
from releases.selectors.search.kinds import KINDS, Kind, Rows, closest
from releases.selectors.search.words import Words

__all__ = ["KINDS", "SHOWN", "Group", "Kind", "Search", "Words"]

SHOWN: Final = 6
"""Rows of a group; the rest is on a page of its own."""


@dataclass(frozen=True)
class Group:
    """What was found of one kind; ``is_cut`` says that there is more."""

    kind: Kind
    hits: list[Hit]
    is_cut: bool = False

    def distance(self, words: Words) -> int:
        """Return how near its best is: 0 is the very name, or the very number."""
        best, text = self.hits[0], words.text.lower()
        if (
            text in {best.title.lower(), best.where.lower()}
            or words.number
            or (words.sha and best.is_code)
        ):
            return 0
        return 1 if best.title.lower().startswith(text) else 2


class Search:
    """One question of one person."""

    def __init__(self, user: User, words: Words) -> None:
        self._user = user
        self._seen = Everywhere(user)
        self._words = words

    def groups(self) -> list[Group]:
        """Return the first rows of each kind that was found, best first."""
        found = [group for kind in KINDS if (group := self._group(kind)).hits]
        return sorted(found, key=lambda group: group.distance(self._words))

    def rows(self, kind: Kind) -> Rows | None:
        """Return all that was found of one kind, to be paged by its ``order``.

        None where the words name nothing of the kind.
        """
        rows = kind.find(self._seen, self._words) if self._words else None
        if rows is None or not kind.related:
            return rows
        return rows.select_related(*kind.related)

    def hits(self, kind: Kind, rows: Sequence[Any]) -> list[Hit]:
        """Return *rows* as they are shown."""
        return [kind.show(row, self._is_whole) for row in rows]

    def _group(self, kind: Kind) -> Group:
        rows = kind.find(self._seen, self._words) if self._words else None
        if rows is None:
            return Group(kind, [])
        first = list(self._first(kind, rows))
        return Group(kind, self.hits(kind, first[:SHOWN]), len(first) > SHOWN)

    def _first(self, kind: Kind, rows: Rows) -> Rows:
        best = closest(rows, kind, self._words)[: SHOWN + 1]
        if not kind.related:
            return best
        # What is shown of them is read of these few; to find them, of no row at all.
        shown: Rows = rows.model.objects.filter(pk__in=best.values("pk"))
        shown = shown.select_related(*kind.related)
        return shown.order_by(*kind.order)

    def _is_whole(self, project: int) -> bool:
        return project in self._whole

    @cached_property
    def _whole(self) -> set[int]:
        return projects_seen_whole(self._user)
