"""Which lines of two texts are the same: patience anchors, difflib in the gaps.

Lines that occur once on both sides anchor the comparison, so that people see whole
blocks move and cost stays near linear; what lies between anchors is small.
"""

import difflib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

MAX_GAP_CELLS: Final = 4_000_000
"""A gap of more line pairs than this counts as rewritten: difflib is quadratic."""


class Span(NamedTuple):
    """A stretch of both sides, half-open, to be compared."""

    old: int
    old_end: int
    new: int
    new_end: int


class Match(NamedTuple):
    """A run of *size* equal lines that starts at *old* and at *new* (from 0)."""

    old: int
    new: int
    size: int


def matches(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Return the runs of equal lines, in order, adjacent runs joined."""
    found: list[Match] = []
    stack = [Span(0, len(old), 0, len(new))]
    while stack:
        span, ends = _trim(old, new, stack.pop())
        found.extend(ends)
        if span.old == span.old_end or span.new == span.new_end:
            continue
        anchors = _anchors(old, new, span)
        if anchors:
            stack.extend(_between(span, anchors))
            found.extend(Match(i, j, 1) for i, j in anchors)
        else:
            found.extend(_compared(old, new, span))
    return _joined(sorted(found))


def _trim(
    old: Sequence[str], new: Sequence[str], span: Span
) -> tuple[Span, list[Match]]:
    """Take equal lines off both ends."""
    low, high, left, right = span
    head = 0
    while low + head < high and left + head < right:
        if old[low + head] != new[left + head]:
            break
        head += 1
    tail = 0
    while low + head < high - tail and left + head < right - tail:
        if old[high - tail - 1] != new[right - tail - 1]:
            break
        tail += 1
    ends = [Match(low, left, head), Match(high - tail, right - tail, tail)]
    rest = Span(low + head, high - tail, left + head, right - tail)
    return rest, [match for match in ends if match.size]


def _anchors(
    old: Sequence[str], new: Sequence[str], span: Span
) -> list[tuple[int, int]]:
    """Return the longest rising chain of lines that are unique on both sides."""
    there = _unique(new, span.new, span.new_end)
    pairs = [
        (i, there[line])
        for line, i in _unique(old, span.old, span.old_end).items()
        if line in there
    ]
    return _longest_rising(sorted(pairs))


def _unique(lines: Sequence[str], start: int, end: int) -> dict[str, int]:
    seen: dict[str, int] = {}
    for index in range(start, end):
        line = lines[index]
        seen[line] = -1 if line in seen else index
    return {line: index for line, index in seen.items() if index >= 0}


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    tops: list[int] = []
    at_top: list[int] = []
    before: list[int] = []
    for index, (_, j) in enumerate(pairs):
        pile = bisect_left(tops, j)
        if pile == len(tops):
            tops.append(j)
            at_top.append(index)
        else:
            tops[pile] = j
            at_top[pile] = index
        before.append(at_top[pile - 1] if pile else -1)
    chain: list[tuple[int, int]] = []
    index = at_top[-1] if at_top else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _between(span: Span, anchors: list[tuple[int, int]]) -> Iterator[Span]:
    old, new = span.old, span.new
    for i, j in [*anchors, (span.old_end, span.new_end)]:
        if i > old and j > new:
            yield Span(old, i, new, j)
        old, new = i + 1, j + 1


def _compared(old: Sequence[str], new: Sequence[str], span: Span) -> Iterator[Match]:
    cells = (span.old_end - span.old) * (span.new_end - span.new)
    if cells > MAX_GAP_CELLS:
        return
    matcher = difflib.SequenceMatcher(
        None, old[span.old : span.old_end], new[span.new : span.new_end], autojunk=False
    )
    for block in matcher.get_matching_blocks():
        if block.size:
            yield Match(span.old + block.a, span.new + block.b, block.size)


def _joined(found: list[Match]) -> list[Match]:
    joined: list[Match] = []
    for match in found:
        if joined:
            last = joined[-1]
            follows = (last.old + last.size, last.new + last.size)
            if follows == (match.old, match.new):
                joined[-1] = Match(last.old, last.new, last.size + match.size)
                continue
        joined.append(match)
    return joined
