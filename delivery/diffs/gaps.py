"""Unchanged lines a diff leaves out, before, between and after its hunks."""

from dataclasses import dataclass

from delivery.diffs.files import FileDiff, FileStatus
from delivery.diffs.hunks import Hunk, Line, LineKind, split_lines


@dataclass(frozen=True)
class Gap:
    """A stretch of lines that are the same on both sides; numbers count from 1."""

    old_start: int
    new_start: int
    size: int


def gaps_of(file: FileDiff) -> list[Gap]:
    """Return the gap before each hunk and, last, the one after them all.

    Gaps may be empty. A file that came or went has none: nothing of it is unchanged.
    """
    if file.status != FileStatus.MODIFIED or not file.hunks:
        return []
    found = []
    old = new = 1
    for hunk in file.hunks:
        old_start, new_start = _starts(hunk)
        found.append(Gap(old, new, new_start - new))
        old, new = old_start + hunk.old_size, new_start + hunk.new_size
    found.append(Gap(old, new, len(split_lines(file.after)) + 1 - new))
    return found


def lines_of(file: FileDiff, gap: Gap, start: int, end: int) -> tuple[Line, ...]:
    """Return lines of *gap*, from *start* up to *end*, counted in the gap from 0."""
    first = gap.new_start - 1
    texts = split_lines(file.after)[first + start : first + min(end, gap.size)]
    return tuple(
        Line(LineKind.SAME, gap.old_start + at, gap.new_start + at, text)
        for at, text in enumerate(texts, start)
    )


def _starts(hunk: Hunk) -> tuple[int, int]:
    """Return where a hunk starts; a side of no lines is named by the line before."""
    return (
        hunk.old_start if hunk.old_size else hunk.old_start + 1,
        hunk.new_start if hunk.new_size else hunk.new_start + 1,
    )
