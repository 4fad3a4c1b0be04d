"""One of the three diffs as the viewer shows it: about 2,000 rows, the rest by file."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from delivery.diffs import FileDiff, FileStatus
from releases.errors import RenderingLost
from releases.selectors.content import Level

ROWS_AT_ONCE: Final = 2_000
_LETTERS: Final = {
    FileStatus.ADDED: "A",
    FileStatus.REMOVED: "D",
    FileStatus.MODIFIED: "M",
}
_HOLDS_DATA: Final = (
    "persistentvolumeclaim-",
    "customresourcedefinition-",
    "namespace-",
)


def review(
    files_of: Callable[[Level], Sequence[FileDiff]],
    *,
    level: str,
    url: str,
    file: str | None = None,
) -> dict[str, Any]:
    """Return the chosen diff with its tabs; ``more`` is one file by itself.

    *files_of* is asked for each level, as every tab tells how much it holds. Of
    manifests that are ``lost`` it is said why they cannot be shown.

    :raises RenderingLost: when one file is asked for and its manifests are lost
    """
    chosen = Level(level) if level in set(Level) else Level.MANIFEST
    if file is not None:
        files = [one for one in files_of(chosen) if one.path == file]
        return {"more": [_file(one, chosen) for one in files]}
    lost = ""
    found: dict[Level, list[FileDiff]] = {}
    for one in Level:
        try:
            found[one] = list(files_of(one))
        except RenderingLost as gone:
            # The rest of the page is of use without it.
            found[one], lost = [], str(gone)
    shown = _within(found[chosen], chosen, url)
    return {
        "level": chosen.value,
        "lost": lost,
        "tabs": [_tab(one, found[one], url, current=one == chosen) for one in Level],
        "tree": _tree(shown),
        "sections": _sections(shown),
        "file_count": len(shown),
        "gone": [one for one in shown if one["danger"]],
    }


def _tab(
    level: Level, files: Sequence[FileDiff], url: str, *, current: bool
) -> dict[str, Any]:
    return {
        "label": level.value.capitalize(),
        "url": f"{url}?diff={level.value}#diff",
        "current": current,
        "added": sum(file.added for file in files),
        "removed": sum(file.removed for file in files),
    }


def _within(files: Sequence[FileDiff], level: Level, url: str) -> list[dict[str, Any]]:
    """Return the files; those beyond the first rows are links to themselves."""
    left = ROWS_AT_ONCE
    shown = []
    for file in files:
        size = sum(len(hunk.lines) for hunk in file.hunks)
        row = _file(file, level)
        if size > left and left < ROWS_AT_ONCE:
            row["hunks"] = []
            row["load_url"] = f"{url}?diff={level.value}&file={quote(file.path)}"
        else:
            left -= size
        shown.append(row)
    return shown


def _file(file: FileDiff, level: Level) -> dict[str, Any]:
    name = file.path.rpartition("/")[2]
    is_gone = file.status == FileStatus.REMOVED
    return {
        "path": file.path,
        "name": name,
        "folder": file.path.partition("/")[0] if "/" in file.path else "",
        "letter": _LETTERS[file.status],
        "anchor": f"m-{hashlib.sha256(file.path.encode()).hexdigest()[:8]}",
        "added": file.added,
        "removed": file.removed,
        "hunks": _hunks(file),
        "skipped_after": _after(file),
        "danger": level == Level.MANIFEST and is_gone and name.startswith(_HOLDS_DATA),
    }


def _hunks(file: FileDiff) -> list[dict[str, Any]]:
    found = []
    end = 0
    for hunk in file.hunks:
        start = hunk.new_start if hunk.new_size else hunk.new_start + 1
        found.append({"lines": hunk.lines, "skipped": max(0, start - 1 - end)})
        end = start - 1 + hunk.new_size
    return found


def _after(file: FileDiff) -> int:
    """Return how many unchanged lines follow the last hunk."""
    if not file.hunks or file.status != FileStatus.MODIFIED:
        return 0
    last = file.hunks[-1]
    end = last.new_start - 1 + last.new_size if last.new_size else last.new_start
    return max(0, file.after.count("\n") - end)


def _tree(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        groups.setdefault(file["folder"], []).append(file)
    return [{"name": name, "files": rows} for name, rows in groups.items()]


def _sections(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files by what became of them: deleted ones first."""
    kinds = (("D", "Deleted"), ("M", "Changed"), ("A", "Added"))
    found = [
        {"title": title, "files": [file for file in files if file["letter"] == letter]}
        for letter, title in kinds
    ]
    return [section for section in found if section["files"]]
