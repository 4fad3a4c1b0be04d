"""Comparing texts for people: matched lines, hunks, unified text. Plain Python."""

from delivery.diffs.files import FileDiff, FileStatus, diff_files
from delivery.diffs.gaps import Gap, gaps_of, lines_of
from delivery.diffs.hunks import Hunk, Line, LineKind, hunks_of, split_lines
from delivery.diffs.noise import Noise, noise_in
from delivery.diffs.spaces import overlooking_spaces
from delivery.diffs.unified import unified
from delivery.diffs.yaml_keys import path_of, steps_to

__all__ = [
    "FileDiff",
    "FileStatus",
    "Gap",
    "Hunk",
    "Line",
    "LineKind",
    "Noise",
    "diff_files",
    "gaps_of",
    "hunks_of",
    "lines_of",
    "noise_in",
    "overlooking_spaces",
    "path_of",
    "split_lines",
    "steps_to",
    "unified",
]
