"""Why a state cannot go back for what was named."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["services", "file", "path"]


class UnknownPart(Exception):
    """A service, file or path that is in neither state, or that never goes back.

    `kind` says what is unknown, `index` which of those named it is.
    """

    def __init__(self, kind: Kind, index: int, reason: str) -> None:
        self.kind = kind
        self.index = index
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, order=True)
class Conflict:
    """A place where later changes and the way back do not go together.

    `file` is a path of `source`, `path` a JSON Pointer into it.
    """

    file: str
    path: str
    reason: str


class Conflicts(Exception):
    """What was named cannot go back without undoing what came later."""

    def __init__(self, conflicts: Iterable[Conflict]) -> None:
        self.conflicts = tuple(sorted(set(conflicts)))
        told = (f"{one.file}{one.path}: {one.reason}" for one in self.conflicts)
        super().__init__("; ".join(told))
