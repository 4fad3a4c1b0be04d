"""Two sets of files compared, file by file."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from delivery.diffs.hunks import Hunk, LineKind, hunks_of


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
            found.append(diff_file(path, old, new))
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
