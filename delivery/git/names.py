"""Which file paths may stand in a tree; how they came about is not asked here.

A checkout must be safe on every file system, so names that NTFS or HFS+ would read as
`.git`, as a device or as another path are refused with the ordinary bad ones.
"""

import re
import unicodedata
from functools import lru_cache

OURS = frozenset({".gitkeep", ".gitopshq"})
"""The only names beginning with `.git` that a tree may hold."""

MAX_NAME_BYTES = 255
MAX_PATH_BYTES = 4096
MAX_DEPTH = 64

_REMEMBERED = 5_000
"""Names whose answers are kept: each commit asks about the same ones again."""

_NOT_ON_NTFS = re.compile(r'[<>:"|?*\\]')
_SHORT_NAME = re.compile(r"[^.]{1,7}~[0-9]{1,6}(\..{0,3})?", re.DOTALL)
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.DOTALL)


class BadPath(ValueError):
    """A path that must not be written into a tree."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path!r}: {reason}")
        self.path = path
        self.reason = reason


def split_path(path: str) -> tuple[str, ...]:
    """Return the names of a relative path with `/` between them.

    :raises BadPath: if the path or one of its names may not stand in a tree.
    """
    if len(path.encode("utf-8", "surrogatepass")) > MAX_PATH_BYTES:
        raise BadPath(path, f"longer than {MAX_PATH_BYTES} bytes")
    names = tuple(path.split("/"))
    if len(names) > MAX_DEPTH:
        raise BadPath(path, f"deeper than {MAX_DEPTH} folders")
    for name in names:
        if reason := name_fault(name):
            raise BadPath(path, reason)
    return names


@lru_cache(_REMEMBERED)
def name_fault(name: str) -> str | None:
    """Return why a single name must not stand in a tree, or None."""
    if name in {"", ".", ".."} or "/" in name:
        return "empty, '.', '..' and what holds a '/' are no names"
    if not (name.isascii() and name.isprintable()) and any(
        unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for c in name
    ):
        return "control, invisible or undecodable character in a name"
    if len(name.encode()) > MAX_NAME_BYTES:
        return f"name longer than {MAX_NAME_BYTES} bytes"
    return _fault_elsewhere(name)


def _fault_elsewhere(name: str) -> str | None:
    """Return why a name that Linux takes is not safe on other systems, or None."""
    folded = name.casefold()
    if folded.startswith(".git") and name not in OURS:
        return "names beginning with '.git' belong to Git"
    if _NOT_ON_NTFS.search(name):
        return "character that NTFS does not allow in a name"
    if name[-1] in ". ":
        return "NTFS drops a dot or space at the end of a name"
    if _SHORT_NAME.fullmatch(folded):
        return "looks like an NTFS short name such as git~1"
    if _DEVICE.fullmatch(folded):
        return "name of a device on Windows"
    return None
