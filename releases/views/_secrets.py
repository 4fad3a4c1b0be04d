"""Secrets that change, told in words by their fingerprints. No value is known here."""

import re
from collections.abc import Iterator
from typing import Final

from delivery.diffs import FileDiff, path_of, split_lines, steps_to
from environments.desired.resolving import MASK_DIGITS
from gitopshq.core.diff_markup import DiffLine, pair

_MASK: Final = re.compile(r"<secret ([0-9a-f]{8})>")
_STORED: Final = re.compile(r"""^\s*secret: ["']?([0-9a-f]{64})["']?$""")
_KEY: Final = re.compile(r"""\s*(?:- )*["']?([^"':]+)["']?:\s""")


def secret_notes(file: FileDiff) -> list[str]:
    """Return a sentence for each secret of *file* that has another value now."""
    found: list[str] = []
    if "secret" not in file.before or "secret" not in file.after:
        return found
    for hunk in file.hunks:
        for row in pair(hunk.lines):
            if row.kind == "changed" and row.old and row.new:
                for old, new in _moves(row.old.text, row.new.text):
                    name = _name(file, row.new)
                    found.append(f"Secret {name} changed (fingerprint {old} → {new}).")
    return found


def _moves(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield fingerprints that changed in two lines that are the same otherwise."""
    stored = _STORED.match(old), _STORED.match(new)
    if stored[0] and stored[1]:
        yield stored[0][1][:MASK_DIGITS], stored[1][1][:MASK_DIGITS]
        return
    before, after = _MASK.findall(old), _MASK.findall(new)
    if before and _MASK.sub("", old) == _MASK.sub("", new):
        yield from (one for one in zip(before, after, strict=True) if one[0] != one[1])


def _name(file: FileDiff, line: DiffLine) -> str:
    """Return the key a secret is under: its own, or in a list of variables its name."""
    key = _KEY.match(line.text)
    if key and not _STORED.match(line.text):
        return key[1]
    at = (line.new_number or 1) - 1
    return path_of(steps_to(split_lines(file.after), {at})[at])
