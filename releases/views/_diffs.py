"""One of the three diffs as the viewer shows it: a thousand rows, the rest by file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from delivery.diffs import FileDiff, FileStatus, Noise, noise_in
from gitopshq.core.errors import NotFound
from releases.errors import RenderingLost
from releases.selectors.content import Level
from releases.selectors.viewed import Mark
from releases.views._looking import Look
from releases.views._sheet import Sheet, Source, anchor_of, level_of, sheet_of
from releases.views._windows import ROWS_AT_ONCE
from releases.views._words import plural

MOST_LINES: Final = 50_000
"""More changed lines than these are summed up, and shown by file only."""
MOST_FILES: Final = 1_000
_LEAST_ROOM: Final = 200
"""Rows for which it is worth to begin with a file that is too long."""


def one_file(source: Source, look: Look) -> dict[str, Any]:
    """Return the file that *look* names, by itself.

    :raises NotFound: when the diff has none of that path
    :raises RenderingLost: when its manifests are lost
    """
    level = level_of(look)
    files = [one for one in source.files_of(level) if one.path == look.file]
    if not files:
        raise NotFound
    sheet, shown = sheet_of(source, look.at(level.value), files)
    file = sheet.full(shown[0], ROWS_AT_ONCE, is_apart=True)
    return {"more": [file], "is_split": look.is_split, "wraps": look.wraps}


def viewed_file(source: Source, look: Look, path: str) -> dict[str, Any]:
    """Return a file after it was marked, with how far one has got.

    :raises NotFound: when the diff has no such file
    """
    files = source.files_of(level_of(look))
    sheet, shown = sheet_of(source, look, files)
    found = [file for file in shown if file.path == path]
    if not found:
        raise NotFound
    file = sheet.full(found[0], ROWS_AT_ONCE, is_apart=False)
    return {
        "file": file,
        "is_split": look.is_split,
        "wraps": look.wraps,
        **progress(sheet.marks),
    }


def review(source: Source, look: Look) -> dict[str, Any]:
    """Return the chosen diff with its tabs, as ``releases/_review.html`` takes it.

    Of manifests that are ``lost`` it is said why they cannot be shown.
    """
    level = level_of(look)
    look = look.at(level.value)
    lost = ""
    found: dict[Level, list[FileDiff]] = {}
    for one in Level:
        try:
            found[one] = list(source.files_of(one))
        except RenderingLost as gone:
            # The rest of the page is of use without it.
            found[one], lost = [], str(gone)
    files = found[level]
    lines = sum(file.added + file.removed for file in files)
    is_summary = lines > MOST_LINES
    wanted = [file for file in files if look.filter.lower() in file.path.lower()]
    sheet, wanted = sheet_of(source, look, wanted)
    shown = _shown(sheet, wanted, is_summary=is_summary)
    return {
        **look.choices(source.url),
        "is_split": look.is_split,
        "level": level.value,
        "lost": lost,
        "tabs": [
            _tab(one, found[one], look, source.url, current=one == level)
            for one in Level
        ],
        "tree": _tree(shown),
        "files_by_kind": _by_kind(shown),
        "file_count": len(files),
        "filtered_out": len(files) - len(wanted),
        "not_listed": len(wanted) - len(shown),
        "gone": [one for one in shown if one["danger"]],
        "summary": f"{lines:,}" if is_summary else "",
        "raw_url": f"{source.url}?diff={level.value}&raw=1",
        "noise": [] if is_summary or "all" in look.noise else _noise(wanted),
        "overlooked": sum(sheet.overlooked.values()),
        "unchanged": _unchanged(source, files) if level == Level.MANIFEST else None,
        **progress(sheet.marks),
    }


def progress(marks: Mapping[str, Mark]) -> dict[str, Any]:
    """Return how many of the files are viewed; nothing where nobody marks them."""
    if not marks:
        return {}
    return {
        "viewed": sum(mark.is_viewed for mark in marks.values()),
        "viewable": len(marks),
    }


def _tab(
    level: Level, files: Sequence[FileDiff], look: Look, url: str, *, current: bool
) -> dict[str, Any]:
    noun = "resource" if level == Level.MANIFEST else "file"
    same = dict.fromkeys(("file", "start", "open", "noise", "filter"), "")
    return {
        "label": level.value.capitalize(),
        "url": f"{url}{look.query(**same, diff=level.value)}#diff",
        "current": current,
        "added": sum(file.added for file in files),
        "removed": sum(file.removed for file in files),
        "note": plural(len(files), noun) if files else "",
    }


def _shown(
    sheet: Sheet, files: Sequence[FileDiff], *, is_summary: bool
) -> list[dict[str, Any]]:
    """Return the files; those beyond the first rows are links to themselves."""
    shown: dict[str, dict[str, Any]] = {}
    left = 0 if is_summary else ROWS_AT_ONCE
    in_order = sorted(files, key=sheet.rank)[:MOST_FILES]
    # What the address names comes first, wherever it stands.
    for file in in_order:
        if sheet.look.names(anchor_of(file.path)):
            row = sheet.full(file, ROWS_AT_ONCE, is_apart=True)
            shown[file.path] = {**row, "folded": False}
            left -= row["size"]
    for file in in_order:
        if file.path in shown:
            continue
        size = sum(len(hunk.lines) for hunk in file.hunks)
        if left < _LEAST_ROOM and size > left:
            shown[file.path] = sheet.later(file, is_eager=not is_summary)
            continue
        row = sheet.full(file, left, is_apart=False)
        if row["size"] > left and row["size"] <= ROWS_AT_ONCE:
            row = sheet.later(file, is_eager=not is_summary)
        else:
            left -= row["size"]
        shown[file.path] = row
    return [shown[file.path] for file in in_order]


def _tree(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(files, key=lambda file: (file["folder"], file["path"])):
        groups.setdefault(file["folder"], []).append(file)
    return [{"name": name, "files": rows} for name, rows in groups.items()]


def _by_kind(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files by what became of them: deleted ones first."""
    kinds = (("D", "Deleted"), ("M", "Changed"), ("A", "Added"))
    found = [
        {
            "title": title,
            "letter": letter,
            "files": [file for file in files if file["letter"] == letter],
        }
        for letter, title in kinds
    ]
    return [section for section in found if section["files"]]


def _noise(files: Sequence[FileDiff]) -> list[str]:
    """Return how many hunks of each class of noise there are, in words."""
    found = Counter(kind for file in files for kind in noise_in(file) if kind)
    return [
        f"{plural(found[kind], 'hunk')} of {kind} only" for kind in Noise if found[kind]
    ]


def _unchanged(source: Source, files: Sequence[FileDiff]) -> int | None:
    if source.resources is None:
        return None
    there = sum(file.status != FileStatus.REMOVED for file in files)
    return max(0, source.resources - there)
