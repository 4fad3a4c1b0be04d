"""Reading a project's branches for people: folders, files, commits, who brought what.

A commit is shown only where a branch that the reader may see reaches it: what was
copied and not published stays out of sight. Values inside Secrets are masked on every
page (domain 6); only Git itself hands them out, where a project chose to keep them so.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final

import yaml

from delivery.diffs.files import FileDiff, diff_file
from delivery.git import blame, history, refs, trees
from delivery.git.blame import Reads, Stretch
from delivery.git.history import HistoryEntry
from delivery.git.ids import EMPTY_TREE
from delivery.git.project import MAIN, SOURCE
from delivery.git.repository import NoSuchObject, Repository
from delivery.git.trees import ChangedFile, FolderEntry
from delivery.masking import Masker
from delivery.repositories import repositories_of
from environments.models import Project

LONGEST_TEXT: Final = 1_048_576
"""Bytes of the longest file that is shown as text; longer ones are downloaded."""
LINES_COMPARED: Final = 2_000
"""Lines of a commit's files that are compared; of further files only names are told."""

_SHA = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Place:
    """A commit that a branch reaches, in an open repository."""

    repository: Repository
    branch: str
    commit: HistoryEntry
    parent: str | None
    reads: Reads
    """Makes text of bytes, secret values masked; ``ValueError`` if it is none."""


@dataclass(frozen=True)
class FileContent:
    """A file of *size* bytes; ``text`` is None where they are no text, or too many.

    ``data`` is what may be downloaded: the text as it is shown, or bytes that are none.
    It is None on ``main`` for what cannot be read, and so not be masked.
    """

    size: int
    data: bytes | None
    text: str | None


@dataclass(frozen=True)
class CommitFile:
    """A file that a commit changed; ``diff`` is None where it was not compared."""

    changed: ChangedFile
    diff: FileDiff | None


@contextmanager
def opened(project: Project, ref: str, *, with_source: bool) -> Iterator[Place]:
    """Open the project at *ref*: a branch, or the id of a commit one of them reaches.

    :raises NoSuchObject: for everything else, and for ``source`` without *with_source*
    """
    places = repositories_of(project)
    paths = {MAIN: places.main}
    if with_source:
        paths[SOURCE] = places.source
    named = ref in paths
    if not named and not _SHA.fullmatch(ref):
        raise NoSuchObject(ref)
    for branch, path in paths.items():
        if named and branch != ref:
            continue
        with Repository(path) as repository:
            tip = refs.tip(repository, branch)
            commit = tip if named else ref
            if commit == tip or refs.is_reachable(repository, tip=tip, commit=commit):
                yield _place(repository, branch, commit)
                return
    raise NoSuchObject(ref)


def folder(place: Place, path: str) -> list[tuple[FolderEntry, HistoryEntry | None]]:
    """Return what stands in a folder, each with the commit that changed it last.

    :raises NoSuchObject: if there is no such folder
    """
    root = place.commit.tree
    found = trees.find(place.repository, root, path)[1] if path else root
    origins = blame.last_changes(place.repository, place.commit.id, path)
    return [
        (entry, origins[entry.name])
        for entry in trees.list_folder(place.repository, found)
    ]


def is_folder(place: Place, path: str) -> bool:
    """Say whether a folder stands at *path*; the empty path is the root."""
    root = place.commit.tree
    return not path or trees.find_folder(place.repository, root, path) is not None


def content(place: Place, path: str) -> FileContent:
    """Return a file.

    :raises NoSuchObject: if there is none at *path*
    """
    data = trees.read_file(place.repository, place.commit.tree, path)
    text = _text(place, data)
    is_long = len(data) > LONGEST_TEXT
    unread = None if place.branch == MAIN else data
    given = unread if text is None else text.encode()
    return FileContent(len(data), given, None if is_long else text)


def origins(place: Place, path: str) -> list[Stretch]:
    """Return the lines of a text file with the commit that brought each.

    :raises NoSuchObject: if there is no file at *path*
    """
    return blame.blame(place.repository, place.commit.id, path, reads=place.reads)


def commits(
    place: Place, path: str, *, limit: int, after: str = ""
) -> tuple[list[HistoryEntry], str]:
    """Return *limit* commits that changed *path*, and where to go on ("" at the end).

    *after* is the last commit of the page before.

    :raises NoSuchObject: if *after* is no commit below the place
    """
    start, at = place.commit.id, place.repository
    if after:
        if not _SHA.fullmatch(after) or not refs.is_reachable(
            at, tip=start, commit=after
        ):
            raise NoSuchObject(after)
        start = after
    log = (entry for entry in history.log(at, start, path) if entry.id != after)
    found = list(islice(log, limit + 1))
    return found[:limit], found[limit - 1].id if len(found) > limit else ""


def changed(place: Place) -> list[CommitFile]:
    """Return the files that the commit changed, with what it changed in them."""
    at = place.repository
    before = at.tree_of(place.parent) if place.parent else EMPTY_TREE
    left = LINES_COMPARED
    found = []
    for change in trees.changed_files(at, before, place.commit.tree):
        diff = _compared(place, change) if left > 0 else None
        left -= sum(len(hunk.lines) for hunk in diff.hunks) if diff else 0
        found.append(CommitFile(change, diff))
    return found


def texts_below(place: Place, folder: str) -> dict[str, str]:
    """Return the texts below a folder, by their paths in it; none without it."""
    found = trees.find_folder(place.repository, place.commit.tree, folder)
    files = trees.list_files(place.repository, found) if found else {}
    blobs = {path: place.repository.read_blob(at) for path, at in files.items()}
    read = {path: _text(place, data) for path, data in blobs.items()}
    return {path: text for path, text in read.items() if text is not None}


def _place(repository: Repository, branch: str, commit: str) -> Place:
    read = repository.read_commit(commit)
    parent = read.parents[0].decode() if read.parents else None
    reads = _masked_reader() if branch == MAIN else bytes.decode
    return Place(repository, branch, history.entry_of(read), parent, reads)


def _masked_reader() -> Reads:
    """Return what reads rendered manifests: desired state holds no values to mask."""
    masker = Masker()

    def read(data: bytes) -> str:
        try:
            return masker.masked(data.decode())
        except yaml.YAMLError as broken:
            raise ValueError("no YAML, and it may hold a Secret") from broken

    return read


def _compared(place: Place, change: ChangedFile) -> FileDiff | None:
    sides = []
    for object_id in (change.before, change.after):
        data = b"" if object_id is None else place.repository.read_blob(object_id)
        text = None if len(data) > LONGEST_TEXT else _text(place, data)
        if text is None:
            return None
        sides.append(None if object_id is None else text)
    return diff_file(change.path, sides[0], sides[1])


def _text(place: Place, data: bytes) -> str | None:
    try:
        return None if b"\0" in data else place.reads(data)
    except ValueError:
        return None
