"""Two texts side by side for the eye: what one saved meanwhile, what one typed."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

CONTEXT: Final = 3
MOST_LINES: Final = 5000
"""Longer texts are not compared here: it would take seconds."""


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    old_number: int | None
    new_number: int | None
    text: str


def compared(before: str, after: str, *, caption: str) -> dict[str, Any] | None:
    """Return what ``ui/_diff.html`` shows of two texts; None where they are equal."""
    old, new = before.splitlines(), after.splitlines()
    if old == new:
        return None
    if len(old) + len(new) > MOST_LINES:
        return {"caption": caption, "hunks": [], "note": "too long to be compared here"}
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    hunks, at = [], 0
    for group in matcher.get_grouped_opcodes(CONTEXT):
        start = group[0][1]
        lines = [line for op in group for line in _lines(op, old, new)]
        hunks.append({"lines": lines, "skipped": start - at})
        at = group[-1][2]
    return {"caption": caption, "hunks": hunks, "skipped_after": len(old) - at}


def _lines(
    op: tuple[str, int, int, int, int], old: list[str], new: list[str]
) -> Iterator[Line]:
    tag, low, high, new_low, new_high = op
    if tag == "equal":
        for index in range(low, high):
            number = new_low + index - low + 1
            yield Line("same", index + 1, number, old[index])
        return
    for index in range(low, high):
        yield Line("removed", index + 1, None, old[index])
    for index in range(new_low, new_high):
        yield Line("added", None, index + 1, new[index])
