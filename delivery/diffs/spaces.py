"""Diffs that overlook white space within and around lines, as ``diff -w`` does."""

from dataclasses import replace

from delivery.diffs.files import FileDiff, FileStatus
from delivery.diffs.hunks import LineKind, hunks_of


def overlooking_spaces(file: FileDiff) -> tuple[FileDiff, int]:
    """Return *file* without lines that differ in white space only, and their count.

    Both sides of a line count. What came or went as a whole stays as it is.
    """
    if file.status != FileStatus.MODIFIED:
        return file, 0
    hunks = hunks_of(file.before, file.after, overlook_spaces=True)
    kinds = [line.kind for hunk in hunks for line in hunk.lines]
    added, removed = kinds.count(LineKind.ADDED), kinds.count(LineKind.REMOVED)
    overlooked = file.added + file.removed - added - removed
    return replace(file, hunks=hunks, added=added, removed=removed), overlooked
