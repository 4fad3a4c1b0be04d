"""One of the three diffs as the viewer shows it: about 2,000 rows, the rest by file."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

from delivery.diffs import FileDiff, FileStatus
from releases.errors import RenderingLost
from releases.selectors.content import Level
from releases.views._folds import parts_of
from releases.views._looking import Look

ROWS_AT_ONCE: Final = 2_000
_LETTERS: Final = {
    FileStatus.ADDED: "A",
    FileStatus.REMOVED: "D",
    FileStatus.MODIFIED: "M",
}
HOLDERS_OF_DATA: Final = {
    "persistentvolumeclaim-": "a volume claim",
    "customresourcedefinition-": "a custom resource definition",
    "namespace-": "a namespace",
}
"""How the files of resources begin that take data along when they go."""


def review(
    files_of: Callable[[Level], Sequence[FileDiff]],
    *,
    look: Look,
    url: str,
) -> dict[str, Any]:
    """Return the chosen diff with its tabs; ``more`` is one file by itself.

    *files_of* is asked for each level, as every tab tells how much it holds. Of
    manifests that are ``lost`` it is said why they cannot be shown.

    :raises RenderingLost: when one file is asked for and its manifests are lost
    """
    chosen = Level(look.level) if look.level in set(Level) else Level.MANIFEST
    look = look.at(chosen.value)
    if look.file is not None:
        files = [one for one in files_of(chosen) if one.path == look.file]
        more = [_file(one, look, url, is_apart=True) for one in files]
        return {"more": more, "is_split": look.is_split}
    lost = ""
    found: dict[Level, list[FileDiff]] = {}
    for one in Level:
        try:
            found[one] = list(files_of(one))
        except RenderingLost as gone:
            # The rest of the page is of use without it.
            found[one], lost = [], str(gone)
    shown = _within(found[chosen], look, url)
    return {
        "is_split": look.is_split,
        "layouts": look.layouts(url),
        "level": chosen.value,
        "lost": lost,
        "tabs": [_tab(one, found[one], url, current=one == chosen) for one in Level],
        "tree": _tree(shown),
        "files_by_kind": _by_kind(shown),
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


def _within(files: Sequence[FileDiff], look: Look, url: str) -> list[dict[str, Any]]:
    """Return the files; those beyond the first rows are links to themselves."""
    left = ROWS_AT_ONCE
    shown = []
    for file in files:
        size = sum(len(hunk.lines) for hunk in file.hunks)
        is_beyond = size > left and left < ROWS_AT_ONCE
        row = _file(file, look, url, is_apart=is_beyond)
        if is_beyond and not look.names(row["anchor"]):
            row["hunks"] = []
            row["load_url"] = f"{url}?diff={look.level}&file={quote(file.path)}"
        elif not is_beyond:
            left -= size
        shown.append(row)
    return shown


def _file(file: FileDiff, look: Look, url: str, *, is_apart: bool) -> dict[str, Any]:
    name = file.path.rpartition("/")[2]
    is_gone = file.status == FileStatus.REMOVED
    is_manifest = look.level == Level.MANIFEST
    anchor = f"m-{hashlib.sha256(file.path.encode()).hexdigest()[:8]}"
    return {
        "path": file.path,
        "name": name,
        "folder": file.path.partition("/")[0] if "/" in file.path else "",
        "letter": _LETTERS[file.status],
        "anchor": anchor,
        "added": file.added,
        "removed": file.removed,
        "hunks": parts_of(file, anchor=anchor, look=look, url=url, is_apart=is_apart),
        "danger": is_manifest and is_gone and name.startswith((*HOLDERS_OF_DATA,)),
    }


def _tree(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for file in files:
        groups.setdefault(file["folder"], []).append(file)
    return [{"name": name, "files": rows} for name, rows in groups.items()]


def _by_kind(files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the files by what became of them: deleted ones first."""
    kinds = (("D", "Deleted"), ("M", "Changed"), ("A", "Added"))
    found = [
        {"title": title, "files": [file for file in files if file["letter"] == letter]}
        for letter, title in kinds
    ]
    return [section for section in found if section["files"]]
