"""Which commit brought each line of a file, and each entry of a folder.

Versions are read down the first parents, from the newest on, and only until nothing is
left to tell. What is older than ``most`` versions has the origin None.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from delivery.diffs.hunks import split_lines
from delivery.diffs.matching import matches
from delivery.git import history, trees
from delivery.git.history import HistoryEntry
from delivery.git.repository import NoSuchObject, Repository

MOST_VERSIONS: Final = 500

Lines = Sequence[str]
Reads = Callable[[bytes], str]


@dataclass(frozen=True)
class Stretch:
    """Consecutive lines that one commit brought; ``first`` counts from 1."""

    origin: HistoryEntry | None
    first: int
    lines: tuple[str, ...]


def blame(
    repository: Repository,
    tip: str,
    path: str,
    *,
    reads: Reads = bytes.decode,
    most: int = MOST_VERSIONS,
) -> list[Stretch]:
    """Return the lines of a text file, each with the commit that brought it.

    *reads* makes text of each version: its lines are those that are told of.

    :raises NoSuchObject: if there is no file at *path*
    :raises ValueError: by *reads*, if it is no text
    """
    text = _lines(repository, repository.tree_of(tip), path, reads)
    origins: dict[int, HistoryEntry] = {}
    # Where each line that is not told yet stands in the version looked at.
    left = {at: at for at in range(len(text))}
    versions = _versions(history.log(repository, tip, path), most)
    shown = text
    for newer, older in versions:
        before = _lines_or_none(repository, older, path, reads)
        kept = {
            match.new + step: match.old + step
            for match in matches(before, shown)
            for step in range(match.size)
        }
        origins.update((at, newer) for at, place in left.items() if place not in kept)
        left = {at: kept[place] for at, place in left.items() if place in kept}
        shown = before
        if not left:
            break
    return list(_stretches(text, [origins.get(at) for at in range(len(text))]))


def last_changes(
    repository: Repository, tip: str, folder: str, *, most: int = MOST_VERSIONS
) -> dict[str, HistoryEntry | None]:
    """Return, by name, the newest commit that changed each entry of a folder.

    :raises NoSuchObject: if there is no such folder
    """
    now = _entries(repository, repository.tree_of(tip), folder)
    found: dict[str, HistoryEntry | None] = dict.fromkeys(now)
    left = set(now)
    for newer, older in _versions(history.log(repository, tip, folder), most):
        then = _entries_or_none(repository, older, folder)
        moved = {name for name in left if then.get(name) != now[name]}
        found.update(dict.fromkeys(moved, newer))
        left -= moved
        if not left:
            break
    return found


def _versions(
    log: Iterable[HistoryEntry], most: int
) -> Iterator[tuple[HistoryEntry, HistoryEntry | None]]:
    """Yield each commit with the one before it; None before the first of all."""
    newer: HistoryEntry | None = None
    for count, entry in enumerate(log):
        if newer is not None:
            yield newer, entry
        if count == most:
            return
        newer = entry
    if newer is not None:
        yield newer, None


def _lines(repository: Repository, tree: str, path: str, reads: Reads) -> list[str]:
    return split_lines(reads(trees.read_file(repository, tree, path)))


def _lines_or_none(
    repository: Repository, at: HistoryEntry | None, path: str, reads: Reads
) -> list[str]:
    """Return the lines of a former version; none where it was absent, or no text."""
    try:
        return _lines(repository, at.tree, path, reads) if at else []
    except (NoSuchObject, ValueError):
        return []


def _entries(repository: Repository, tree: str, folder: str) -> dict[str, str]:
    found = trees.find(repository, tree, folder)[1] if folder else tree
    return {entry.name: entry.id for entry in trees.list_folder(repository, found)}


def _entries_or_none(
    repository: Repository, at: HistoryEntry | None, folder: str
) -> dict[str, str]:
    try:
        return _entries(repository, at.tree, folder) if at else {}
    except NoSuchObject:
        return {}


def _stretches(
    lines: Lines, origins: Sequence[HistoryEntry | None]
) -> Iterator[Stretch]:
    at = 0
    for origin, run in groupby(origins):
        size = len(list(run))
        yield Stretch(origin, at + 1, tuple(lines[at : at + size]))
        at += size
