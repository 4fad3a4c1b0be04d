"""Which changed lines of a file another version of it shares.

A changed line goes by one number: that of the old line where it was removed, negative,
and that of the new line where it was added.
"""

from collections.abc import Iterator, Set

from delivery.diffs.files import FileDiff
from delivery.diffs.hunks import Line, LineKind, split_lines
from delivery.diffs.matching import matches


def number_of(line: Line) -> int:
    """Return the number that a line of a hunk goes by; 0 if it did not change."""
    if line.kind == LineKind.REMOVED:
        return -(line.old_number or 0)
    return (line.new_number or 0) if line.kind == LineKind.ADDED else 0


def changed_lines(file: FileDiff) -> frozenset[int]:
    """Return every changed line of a file."""
    numbers = (number_of(line) for hunk in file.hunks for line in hunk.lines)
    return frozenset(filter(None, numbers))


def shared_changes(
    file: FileDiff, lines: Set[int], version: str | None
) -> frozenset[int]:
    """Return those of *lines* that are in *version* as they are after the change.

    A removed line is shared where the version lacks it, too; an added one where the
    version has it. None is no file at all.
    """
    text = version or ""
    if text == file.after:
        return frozenset(lines)
    if text == file.before:
        return frozenset()
    kept = set(_found(file.before, text))
    there = set(_found(file.after, text))
    return frozenset(
        line for line in lines if (line in there if line > 0 else -line not in kept)
    )


def _found(text: str, version: str) -> Iterator[int]:
    """Yield the numbers of the lines of *text* that *version* has."""
    for match in matches(split_lines(text), split_lines(version)):
        yield from range(match.old + 1, match.old + match.size + 1)
