"""Comparing texts for people: matched lines, hunks, unified text. Plain Python."""

from delivery.diffs.files import FileDiff, FileStatus, diff_files
from delivery.diffs.gaps import Gap, gaps_of, lines_of
from delivery.diffs.hunks import Hunk, Line, LineKind, hunks_of
from delivery.diffs.unified import unified

__all__ = [
    "FileDiff",
    "FileStatus",
    "Gap",
    "Hunk",
    "Line",
    "LineKind",
    "diff_files",
    "gaps_of",
    "hunks_of",
    "lines_of",
    "unified",
]
