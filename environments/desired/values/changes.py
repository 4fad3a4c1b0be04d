"""What a change of a values text is called: its path, its action, its JSON Pointer.

Nothing here reads or writes YAML.
"""

from dataclasses import dataclass
from typing import Final, Literal

Path = tuple[str, ...]
Action = Literal["added", "updated", "removed", "text"]


@dataclass(frozen=True, slots=True, order=True)
class ValueChange:
    """One difference of two values texts that can be applied or left.

    ``path`` holds the keys from the root. The empty path with the action ``text``
    stands for comments and layout where there are other changes, and for the whole
    text where it is the only one.
    """

    path: Path
    action: Action


TEXT_CHANGE: Final = ValueChange((), "text")


class Inseparable(Exception):
    """The chosen changes of one text cannot be applied without others."""

    def __init__(self, reason: str, *, path: Path = ()) -> None:
        self.reason = reason
        self.path = path
        super().__init__(f"{pointer(path)}: {reason}" if path else reason)


class CannotSet(Exception):
    """A scalar cannot be set at this path of this text."""

    def __init__(self, reason: str, *, path: Path) -> None:
        self.reason = reason
        self.path = path
        super().__init__(f"{pointer(path)}: {reason}")


def pointer(path: Path) -> str:
    """Write a path as a JSON Pointer (RFC 6901); the root is the empty string."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)


def parse_pointer(text: str) -> Path:
    """Read a JSON Pointer.

    :raises ValueError: where it neither is empty nor begins with ``/``, or where a
        ``~`` is followed by anything but 0 or 1.
    """
    if not text:
        return ()
    if not text.startswith("/"):
        raise ValueError("a JSON Pointer begins with /")
    keys = text[1:].split("/")
    for key in keys:
        if "~" in key.replace("~0", "").replace("~1", ""):
            raise ValueError("in a JSON Pointer ~ is written ~0 and / is written ~1")
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in keys)
