"""A stretch of a file that is too long to be shown at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from delivery.diffs import Line
from gitopshq.core.diff_markup import Row, pair
from releases.views._folds import is_at
from releases.views._looking import Look, Place

ROWS_AT_ONCE: Final = 1_000
_BEFORE_A_PLACE: Final = 100
"""Rows shown before one that is linked to."""


def size_of(parts: Sequence[dict[str, Any]]) -> int:
    """Return how many lines parts show."""
    return sum(len(part.get("lines", ())) for part in parts)


def window(
    parts: Sequence[dict[str, Any]],
    *,
    anchor: str,
    path: str,
    look: Look,
    url: str,
    most: int,
) -> list[dict[str, Any]]:
    """Return at most *most* rows of *parts*, with links to what is before and after.

    They start at the row that *look* says, or shortly before the line it names.
    """
    rows = [list(pair(part.get("lines", ()))) for part in parts]
    total = sum(map(len, rows))
    start = look.start
    if places := look.places(anchor):
        start = max(0, _index_of(places[0], rows) - _BEFORE_A_PLACE)
    cut = _Cut(start, most, is_split=look.is_split)
    shown = cut.of(parts, rows)

    def rest(words: str, count: int, first: int, name: str) -> dict[str, Any]:
        then = replace(look, file=path, start=first, line="").query(only=anchor)
        link = {
            "id": f"{anchor}-{name}",
            "words": words,
            "said": f"of {total:,} rows",
            "url": f"{url}{then}#{anchor}",
            "part_url": f"{url}{then}&rows=1",
            "target": "closest tr",
        }
        if name == "back":
            # What is before comes with what follows it, or rows would come twice.
            link |= {"part_url": f"{url}{then}", "target": f"#{anchor}"}
        return {"skipped": count, "more": [link]}

    if cut.end < total:
        following = min(ROWS_AT_ONCE, total - cut.end)
        shown.append(rest(f"Show the next {following:,}", following, cut.end, "next"))
    if start and not look.is_rows:
        first = max(0, start - ROWS_AT_ONCE)
        words = f"Show the {start - first:,} before"
        shown.insert(0, rest(words, start - first, first, "back"))
    return shown


@dataclass
class _Cut:
    """A stretch of rows from *start* on; ``end`` is where it ended."""

    start: int
    most: int
    is_split: bool = field(kw_only=True)
    end: int = 0

    def of(
        self, parts: Sequence[dict[str, Any]], rows: Sequence[list[Row]]
    ) -> list[dict[str, Any]]:
        """Return the parts that are inside; folds count as no row."""
        shown: list[dict[str, Any]] = []
        at = 0
        for part, found in zip(parts, rows, strict=True):
            if self.most <= 0:
                break
            held = self._fitting(found[max(0, self.start - at) :])
            at += len(found)
            if held:
                shown.append({**part, "lines": _lines(held)})
                self.end = max(self.start, at - len(found)) + len(held)
            elif not found and at >= self.start:
                shown.append(part)
        return shown

    def _fitting(self, rows: list[Row]) -> list[Row]:
        for count, row in enumerate(rows):
            # In one column both sides of a changed line are rows.
            self.most -= 2 if row.kind == "changed" and not self.is_split else 1
            if self.most < 0:
                return rows[:count]
        return rows


def _index_of(place: Place, rows: Sequence[Sequence[Row]]) -> int:
    """Return the number of the row at *place*, from 0; 0 if there is none."""
    at = 0
    for found in rows:
        for row in found:
            if any(line and is_at(line, place) for line in (row.old, row.new)):
                return at
            at += 1
    return 0


def _lines(rows: Sequence[Row]) -> list[Line]:
    """Return rows as lines again, removed ones before the added ones of a run."""
    found: list[Any] = []
    added: list[Any] = []
    for row in rows:
        if row.kind == "same":
            found += [*added, row.new]
            added = []
            continue
        if row.old is not None:
            found.append(row.old)
        if row.new is not None:
            added.append(row.new)
    return found + added
