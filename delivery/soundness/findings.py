"""What can be wrong between database and repositories, as one line each."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The names under which findings are told. Never renamed: scripts read them."""

    REPOSITORY_MISSING = "repository-missing"
    REPOSITORY_UNOWNED = "repository-of-nobody"
    UNREADABLE = "unreadable"
    DAMAGED = "git-damage"
    UNREACHABLE = "unreachable-objects"
    MAIN_AHEAD = "main-ahead"
    MAIN_ASTRAY = "main-lost-commits"
    MOVE_UNRECORDED = "move-unrecorded"
    MOVE_UNKNOWN = "move-lost"
    SOURCE_AHEAD = "source-ahead"
    SOURCE_ASTRAY = "source-lost-commits"
    NOT_KEPT = "commit-not-kept"
    TREE_LOST = "rendering-lost"
    UNIT_LOST = "unit-lost"
    LEFTOVER = "leftover"
    RELEASE_UNPUBLISHED = "release-not-on-main"
    COMMIT_UNKNOWN = "commit-without-release"
    COMMIT_SHARED = "commit-of-two-releases"
    FOLDER_DIFFERS = "folder-differs"
    RECORD_DIFFERS = "record-differs"
    TARGET_DIFFERS = "target-differs"
    NUMBER_TAKEN = "number-taken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where, with which object, and what to do about it."""

    kind: Kind
    project: str
    object: str
    words: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.kind} {self.project} {self.object}: {self.words}; {self.remedy}"

    def to_json(self) -> dict[str, str]:
        """Return it as JSON values."""
        return asdict(self)
