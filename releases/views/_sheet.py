"""One file of a diff as templates take it: with its lines, or to be loaded later."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from delivery.diffs import FileDiff, FileStatus, Line, noise_in, overlooking_spaces
from releases.irreversible import HOLDERS_OF_DATA
from releases.selectors.content import Level
from releases.selectors.viewed import Mark
from releases.views._folds import lines_between, parts_of
from releases.views._looking import Look
from releases.views._secrets import secret_notes
from releases.views._windows import size_of, window
from releases.views._words import plural

_LETTERS: Final = {
    FileStatus.ADDED: "A",
    FileStatus.REMOVED: "D",
    FileStatus.MODIFIED: "M",
}

FilesOf = Callable[[Level], Sequence[FileDiff]]
Below = Callable[[str, Sequence[Line]], Mapping[str, Any] | None]
MarksOf = Callable[[Level, Sequence[FileDiff]], Mapping[str, Mark]]


@dataclass(frozen=True)
class Source:
    """Where the three diffs of a page come from.

    *files_of* is asked for each level, as every tab tells how much it holds. *url* is
    the page's. *resources* counts those of the manifests as they will be, if it is
    known. *marks_of* tells which files are viewed, *viewed_url* takes such marks.
    *below* tells of each level what stands below the lines of a file, if anything.
    """

    files_of: FilesOf
    url: str
    resources: int | None = None
    marks_of: MarksOf | None = None
    viewed_url: str = ""
    below: Mapping[Level, Below] = field(default_factory=dict)


@dataclass
class Sheet:
    """The files of the chosen level, on their way to a page."""

    source: Source
    look: Look
    marks: Mapping[str, Mark]
    overlooked: Counter[str] = field(default_factory=Counter)

    def row(self, file: FileDiff) -> dict[str, Any]:
        """Return a file without its lines."""
        folder, _, name = file.path.rpartition("/")
        mark = self.marks.get(file.path)
        return {
            "path": file.path,
            "name": name,
            "folder": folder,
            "letter": _LETTERS[file.status],
            "anchor": anchor_of(file.path),
            "added": file.added,
            "removed": file.removed,
            "hunks": [],
            "note": self._note(file),
            "danger": self.takes_data_along(file),
            "folded": self.look.folds == "all" or bool(mark and mark.is_viewed),
            "mark": mark,
            "mark_url": mark and f"{self.source.viewed_url}{self.look.query()}",
        }

    def takes_data_along(self, file: FileDiff) -> bool:
        """Tell whether a resource goes that may hold data."""
        is_gone = file.status == FileStatus.REMOVED
        name = file.path.rpartition("/")[2]
        is_manifest = self.look.level == Level.MANIFEST
        return is_manifest and is_gone and name.startswith((*HOLDERS_OF_DATA,))

    def rank(self, file: FileDiff) -> tuple[bool, int, str]:
        """Sort what takes data along to the front, then deleted, changed, added."""
        letter = _LETTERS[file.status]
        return (not self.takes_data_along(file), "DMA".index(letter), file.path)

    def full(self, file: FileDiff, most: int, *, is_apart: bool) -> dict[str, Any]:
        """Return a file with its lines, *most* rows of them."""
        row = self.row(file)
        url, anchor = self.source.url, row["anchor"]
        parts = parts_of(
            file,
            noise_in(file),
            anchor=anchor,
            look=self.look,
            url=url,
            is_apart=is_apart,
        )
        row["size"] = size_of(parts)
        if row["size"] > most or self.look.start:
            parts = window(
                parts, anchor=anchor, path=file.path, look=self.look, url=url, most=most
            )
        marked = lines_between(parts, self.look.places(anchor))
        return {**row, "hunks": self._told(file.path, parts), "marked": marked}

    def later(self, file: FileDiff, *, is_eager: bool) -> dict[str, Any]:
        """Return a file that is loaded when it is asked for, or comes into sight."""
        alone = self.look.query(file=file.path, start="")
        url = f"{self.source.url}{alone}"
        return {**self.row(file), "load_url": url, "is_eager": is_eager}

    def _told(self, path: str, parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return parts with what stands below them."""
        below = self.source.below.get(level_of(self.look))
        if below is None:
            return parts
        return [
            {**part, "why": below(path, part["lines"])} if "lines" in part else part
            for part in parts
        ]

    def _note(self, file: FileDiff) -> str:
        said = secret_notes(file)
        if count := self.overlooked[file.path]:
            said.append(f"{plural(count, 'line')} of white space only overlooked.")
        return " ".join(said)


def anchor_of(path: str) -> str:
    """Return the id of a file on its page, which the ids of its lines start with."""
    return f"m-{hashlib.sha256(path.encode()).hexdigest()[:8]}"


def level_of(look: Look) -> Level:
    """Return the level that is looked at."""
    return Level(look.level) if look.level in set(Level) else Level.MANIFEST


def sheet_of(
    source: Source, look: Look, files: Sequence[FileDiff]
) -> tuple[Sheet, list[FileDiff]]:
    """Return the sheet for *files*, and those as they are looked at."""
    level = level_of(look)
    marks = source.marks_of(level, files) if source.marks_of else {}
    sheet = Sheet(source, look, marks)
    if look.marks_spaces:
        return sheet, list(files)
    shown = []
    for file in files:
        seen, sheet.overlooked[file.path] = overlooking_spaces(file)
        shown.append(seen)
    return sheet, shown
