"""Which commits changed a path; what they mean is told by the caller's records."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from dulwich.objects import Commit

from delivery.git import refs, trees
from delivery.git.repository import NoSuchObject, Repository


@dataclass(frozen=True)
class HistoryEntry:
    """A commit as a list shows it; `at` is its author time in UTC."""

    id: str
    tree: str
    author: str
    at: datetime
    message: str

    @property
    def subject(self) -> str:
        """Return the first line of the message."""
        return self.message.partition("\n")[0]


def log(repository: Repository, tip: str, path: str = "") -> Iterator[HistoryEntry]:
    """Yield the commits that changed what stands at `path`, newest first.

    The empty path means the whole tree. Take as many as are shown: commits are read
    one by one.
    """
    newer: Commit | None = None
    there: str | None = None
    for commit in refs.first_parents(repository, tip):
        found = _at_path(repository, commit, path)
        if newer is not None and found != there:
            yield entry_of(newer)
        newer, there = commit, found
    if newer is not None and there is not None:
        yield entry_of(newer)


def _at_path(repository: Repository, commit: Commit, path: str) -> str | None:
    root = str(commit.tree, "ascii")
    if not path:
        return root
    try:
        return trees.find(repository, root, path)[1]
    except NoSuchObject:
        return None


def entry_of(commit: Commit) -> HistoryEntry:
    """Return what a list shows of a commit."""
    return HistoryEntry(
        id=commit.id.decode(),
        tree=str(commit.tree, "ascii"),
        author=commit.author.decode(errors="replace"),
        at=datetime.fromtimestamp(commit.author_time, UTC),
        message=commit.message.decode(errors="replace"),
    )
