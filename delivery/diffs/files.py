"""Two sets of files compared, file by file."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from delivery.diffs.hunks import Hunk, LineKind, hunks_of

REMEMBERED: Final = 256
"""Files; who reviews a large diff asks for one of them after another."""
LARGEST_REMEMBERED: Final = 2**14
"""Characters of a side: all together they take some tens of megabytes at most."""


class FileStatus(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MODIFIED = "modified"


@dataclass(frozen=True)
class FileDiff:
    """What became of one file; ``added`` and ``removed`` count lines."""

    path: str
    status: FileStatus
    hunks: tuple[Hunk, ...]
    added: int
    removed: int
    before: str
    after: str


def diff_files(before: Mapping[str, str], after: Mapping[str, str]) -> list[FileDiff]:
    """Return the files that differ, by path. Equal texts are not compared."""
    found = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old != new:
            is_small = max(len(old or ""), len(new or "")) <= LARGEST_REMEMBERED
            compare = _remembered if is_small else diff_file
            found.append(compare(path, old, new))
    return found


def diff_file(path: str, old: str | None, new: str | None) -> FileDiff:
    """Return what became of one file; None is a side without it."""
    status = FileStatus.MODIFIED
    if old is None:
        status = FileStatus.ADDED
    elif new is None:
        status = FileStatus.REMOVED
    hunks = hunks_of(old or "", new or "")
    kinds = [line.kind for hunk in hunks for line in hunk.lines]
    return FileDiff(
        path,
        status,
        hunks,
        kinds.count(LineKind.ADDED),
        kinds.count(LineKind.REMOVED),
        old or "",
        new or "",
    )


_remembered = lru_cache(maxsize=REMEMBERED)(diff_file)
