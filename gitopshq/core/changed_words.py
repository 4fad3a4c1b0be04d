"""Which words differ between two lines, one of which took the place of the other."""

import difflib
import re
from collections.abc import Sequence
from typing import Final

from gitopshq.core.code_colours import LONGEST_COLOURED_LINE

LEAST_SHARED: Final = 0.35
"""The share of words below which two lines have nothing to do with each other."""

_WORD = re.compile(r"[\w.\-]+|\s+|[^\w\s.\-]")

Span = tuple[int, int]


def changed_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Return the spans of both lines that differ, or none where little is shared."""
    if max(len(old), len(new)) > LONGEST_COLOURED_LINE:
        return [], []
    before, after = _WORD.findall(old), _WORD.findall(new)
    if alike := _one_word_apart(before, after):
        return alike
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < LEAST_SHARED:
        return [], []
    old_at, new_at = _offsets(before), _offsets(after)
    left: list[Span] = []
    right: list[Span] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        if a < b:
            left.append((old_at[a], old_at[b]))
        if c < d:
            right.append((new_at[c], new_at[d]))
    return left, right


def _one_word_apart(
    before: list[str], after: list[str]
) -> tuple[list[Span], list[Span]] | None:
    """Return the spans of lines that differ in one word; None if in more.

    That is what most edits of a value do, and a matcher takes long to see it.
    """
    if len(before) != len(after):
        return None
    pairs = enumerate(zip(before, after, strict=True))
    differing = [at for at, (old, new) in pairs if old != new]
    if len(differing) != 1:
        return None
    [at] = differing
    # The share of words, as the matcher counts it.
    if (len(before) - 1) / len(before) < LEAST_SHARED:
        return [], []
    start = sum(map(len, before[:at]))
    return (
        [(start, start + len(before[at]))],
        [(start, start + len(after[at]))],
    )


def _offsets(words: Sequence[str]) -> list[int]:
    at = [0]
    for word in words:
        at.append(at[-1] + len(word))
    return at
