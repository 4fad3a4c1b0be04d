"""Unified text of a diff, as ``git apply`` and ``patch`` read it."""

from collections.abc import Iterable, Iterator
from typing import Final

from delivery.diffs.files import FileDiff, FileStatus
from delivery.diffs.hunks import Hunk, Line, LineKind, split_lines

_SIGNS: Final = {LineKind.SAME: " ", LineKind.REMOVED: "-", LineKind.ADDED: "+"}
_NO_END: Final = "\\ No newline at end of file"


def unified(files: Iterable[FileDiff]) -> str:
    """Return the whole diff as text; "" where nothing differs."""
    return "".join(f"{line}\n" for file in files for line in _file(file))


def _file(file: FileDiff) -> Iterator[str]:
    yield f"diff --git a/{file.path} b/{file.path}"
    if file.status == FileStatus.ADDED:
        yield "new file mode 100644"
    elif file.status == FileStatus.REMOVED:
        yield "deleted file mode 100644"
    if not file.hunks:
        return
    added = file.status == FileStatus.ADDED
    removed = file.status == FileStatus.REMOVED
    yield "--- /dev/null" if added else f"--- a/{file.path}"
    yield "+++ /dev/null" if removed else f"+++ b/{file.path}"
    old_end = _unended(file.before)
    new_end = _unended(file.after)
    for hunk in file.hunks:
        yield _head(hunk)
        for line in hunk.lines:
            yield f"{_SIGNS[line.kind]}{line.text}"
            if _lacks_end(line, old_end, new_end):
                yield _NO_END


def _head(hunk: Hunk) -> str:
    old = f"{hunk.old_start},{hunk.old_size}"
    new = f"{hunk.new_start},{hunk.new_size}"
    return f"@@ -{old} +{new} @@"


def _unended(text: str) -> int | None:
    """Return the number of the last line if no line end follows it."""
    return len(split_lines(text)) if text and not text.endswith("\n") else None


def _lacks_end(line: Line, old_end: int | None, new_end: int | None) -> bool:
    if line.kind == LineKind.ADDED:
        return new_end is not None and line.new_number == new_end
    return old_end is not None and line.old_number == old_end
