"""Hunks: stretches of changed lines with a little of what surrounds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from delivery.diffs.matching import matches

CONTEXT: Final = 3


class LineKind(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Line(NamedTuple):
    """One line of a diff; numbers count from 1, None on the side that lacks it."""

    kind: LineKind
    old_number: int | None
    new_number: int | None
    text: str


@dataclass(frozen=True)
class Hunk:
    """Consecutive lines. Starts and sizes are those of unified diffs.

    A side of no lines starts at the line before it, as ``diff -u`` has it.
    """

    old_start: int
    old_size: int
    new_start: int
    new_size: int
    lines: tuple[Line, ...]


def split_lines(text: str) -> list[str]:
    """Return the lines of *text* without line ends; only LF ends a line."""
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def hunks_of(
    before: str, after: str, *, context: int = CONTEXT, overlook_spaces: bool = False
) -> tuple[Hunk, ...]:
    """Return what differs between two texts, removed lines before added ones.

    Lines that differ in overlooked white space are the same, and read as they are now.
    """
    lines = list(_lines(before, after, overlook_spaces=overlook_spaces))
    changed = [i for i, line in enumerate(lines) if line.kind != LineKind.SAME]
    return tuple(
        _hunk(lines, start, end) for start, end in _ranges(changed, len(lines), context)
    )


def _lines(before: str, after: str, *, overlook_spaces: bool) -> Iterator[Line]:
    old, new = split_lines(before), split_lines(after)
    if overlook_spaces:
        compared = _without_spaces(old), _without_spaces(new)
    else:
        compared = _compared(before, old), _compared(after, new)
    i = j = 0
    for match in [*matches(*compared), None]:
        until_old = match.old if match else len(old)
        until_new = match.new if match else len(new)
        for at in range(i, until_old):
            yield Line(LineKind.REMOVED, at + 1, None, old[at])
        for at in range(j, until_new):
            yield Line(LineKind.ADDED, None, at + 1, new[at])
        if match:
            i, j = match.old + match.size, match.new + match.size
            for step in range(match.size):
                at, there = match.old + step, match.new + step
                yield Line(LineKind.SAME, at + 1, there + 1, new[there])


def _compared(text: str, lines: list[str]) -> list[str]:
    """Return the lines as they are compared: a last one without its end is another."""
    if text and not text.endswith("\n"):
        return [*lines[:-1], f"{lines[-1]}\0"]
    return lines


def _without_spaces(lines: list[str]) -> list[str]:
    return ["".join(line.split()) for line in lines]


def _ranges(
    changed: Sequence[int], size: int, context: int
) -> Iterator[tuple[int, int]]:
    """Yield half-open index ranges around the changed lines; touching ones join."""
    start = end = -1
    for index in changed:
        low, high = max(0, index - context), min(size, index + context + 1)
        if start >= 0 and low <= end:
            end = high
            continue
        if start >= 0:
            yield start, end
        start, end = low, high
    if start >= 0:
        yield start, end


def _hunk(lines: Sequence[Line], start: int, end: int) -> Hunk:
    held = tuple(lines[start:end])
    old = [line.old_number for line in held if line.old_number is not None]
    new = [line.new_number for line in held if line.new_number is not None]
    return Hunk(
        old[0] if old else _before(lines, start, "old_number"),
        len(old),
        new[0] if new else _before(lines, start, "new_number"),
        len(new),
        held,
    )


def _before(lines: Sequence[Line], start: int, side: str) -> int:
    """Return the last number of *side* before *start*, 0 if there is none."""
    for line in reversed(lines[:start]):
        number = getattr(line, side)
        if number is not None:
            return int(number)
    return 0
