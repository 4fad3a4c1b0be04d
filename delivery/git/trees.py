"""Trees: building only the folders that change, listing, comparing, looking up.

New objects are returned, not written; packs writes them.
"""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from dulwich.errors import NotTreeError
from dulwich.object_store import tree_lookup_path
from dulwich.objects import Blob, ObjectID, ShaFile, Tree

from delivery.git.ids import EMPTY_TREE, to_git
from delivery.git.names import BadPath, split_path
from delivery.git.objects import FILE_MODE, FOLDER_MODE
from delivery.git.repository import NoSuchObject, Repository


@dataclass(frozen=True)
class GraftFile:
    """Put a file content that is stored already at a path."""

    id: str


@dataclass(frozen=True)
class GraftFolder:
    """Put a whole folder that is stored already at a path, id for id."""

    id: str


TreeEdit = bytes | GraftFile | GraftFolder | None
"""What a path shall hold: new bytes, something stored, or nothing."""


@dataclass(frozen=True)
class ChangedFile:
    """A path whose content differs; an id is None where the file is absent."""

    path: str
    before: str | None
    after: str | None

    @property
    def action(self) -> Literal["added", "modified", "removed"]:
        """Say what became of the file."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "modified"


@dataclass(frozen=True)
class FolderEntry:
    """One line of a folder: a file, or a folder in it."""

    name: str
    id: str
    is_folder: bool


@dataclass
class _Folder:
    """The edits below one folder."""

    edits: dict[str, TreeEdit] = field(default_factory=dict)
    folders: dict[str, "_Folder"] = field(default_factory=dict)


def write_tree(files: Mapping[str, TreeEdit]) -> tuple[str, list[ShaFile]]:
    """Return the id of a tree that holds exactly these files, and its objects.

    :raises BadPath: for a path that may not stand in a tree, or is file and folder.
    """
    return _Builder(None).build(EMPTY_TREE, _plan(files))


def edit_tree(
    repository: Repository, root: str, edits: Mapping[str, TreeEdit]
) -> tuple[str, list[ShaFile]]:
    """Return the id of `root` with `edits` made, and the objects that are new.

    Folders off the edited paths are neither read nor built. A folder that loses its
    last entry goes; a file in the way of a folder, or the reverse, is replaced.

    :raises BadPath: for a path that may not stand in a tree, or is file and folder.
    :raises delivery.git.repository.NoSuchObject: if a tree on the way is absent.
    """
    return _Builder(repository).build(root, _plan(edits))


def list_files(repository: Repository, tree: str) -> dict[str, str]:
    """Return path -> content id of every file below a tree, sorted by path."""
    return dict(sorted(_files_below(repository, tree, "")))


def list_folder(repository: Repository, tree: str) -> list[FolderEntry]:
    """Return what stands in a folder itself: folders first, each sorted by name.

    :raises delivery.git.repository.NoSuchObject: if there is no such tree.
    """
    entries = [
        FolderEntry(name, found, stat.S_ISDIR(mode))
        for name, (mode, found) in _entries(repository, tree).items()
    ]
    return sorted(entries, key=lambda entry: (not entry.is_folder, entry.name))


def changed_files(repository: Repository, before: str, after: str) -> list[ChangedFile]:
    """Return the files that differ between two trees, sorted by path.

    Folders with equal ids are not opened.
    """
    return sorted(
        _changes(repository, before, after, ""), key=lambda change: change.path
    )


def find(repository: Repository, tree: str, path: str) -> tuple[int, str]:
    """Return mode and id of what stands at `path` below a tree.

    :raises delivery.git.repository.NoSuchObject: if nothing does.
    """
    try:
        mode, found = tree_lookup_path(
            lambda key: repository.read(key.decode()), to_git(tree), path.encode()
        )
    except (KeyError, NoSuchObject, NotTreeError, ValueError):
        raise NoSuchObject(f"{tree}:{path}") from None
    return mode, found.decode()


def find_folder(repository: Repository, tree: str, path: str) -> str | None:
    """Return the id of the folder at `path`, or None if there is none."""
    try:
        mode, found = find(repository, tree, path)
    except NoSuchObject:
        return None
    return found if stat.S_ISDIR(mode) else None


def read_file(repository: Repository, tree: str, path: str) -> bytes:
    """Return the bytes of the file at `path` below a tree.

    :raises delivery.git.repository.NoSuchObject: if there is no file.
    """
    return repository.read_blob(find(repository, tree, path)[1])


def _plan(edits: Mapping[str, TreeEdit]) -> _Folder:
    """Sort edits into the folders they stand in.

    :raises BadPath: for a bad path, or one that is both edited and edited below.
    """
    root = _Folder()
    for path, edit in edits.items():
        *folders, name = split_path(path)
        folder = root
        for step in folders:
            if step in folder.edits:
                raise BadPath(path, f"stands below the edited {step!r}")
            folder = folder.folders.setdefault(step, _Folder())
        if name in folder.folders:
            raise BadPath(path, "other edits stand below it")
        folder.edits[name] = edit
    return root


class _Builder:
    """Builds the trees of a plan from the leaves up and collects what is new."""

    def __init__(self, repository: Repository | None) -> None:
        self._repository = repository
        self._new: dict[ObjectID, ShaFile] = {}

    def build(self, root: str, plan: _Folder) -> tuple[str, list[ShaFile]]:
        tree = self._edited(self._read(root), plan)
        return self._keep(tree).decode(), list(self._new.values())

    def _edited(self, tree: Tree, plan: _Folder) -> Tree:
        for name, below in plan.folders.items():
            key = name.encode()
            inner = self._edited(self._folder_at(tree, key), below)
            if len(inner):
                tree[key] = (FOLDER_MODE, self._keep(inner))
            elif key in tree and stat.S_ISDIR(tree[key][0]):
                del tree[key]
        for name, edit in plan.edits.items():
            self._apply(tree, name.encode(), edit)
        return tree

    def _apply(self, tree: Tree, key: bytes, edit: TreeEdit) -> None:
        match edit:
            case None:
                if key in tree:
                    del tree[key]
            case GraftFile(id=found):
                tree[key] = (FILE_MODE, to_git(found))
            case GraftFolder(id=found):
                tree[key] = (FOLDER_MODE, to_git(found))
            case bytes():
                tree[key] = (FILE_MODE, self._keep(Blob.from_string(edit)))

    def _folder_at(self, tree: Tree, key: bytes) -> Tree:
        if key not in tree:
            return Tree()
        mode, found = tree[key]
        return self._read(found.decode()) if stat.S_ISDIR(mode) else Tree()

    def _read(self, tree: str) -> Tree:
        if self._repository is None or tree == EMPTY_TREE:
            return Tree()
        return self._repository.read_tree(tree)

    def _keep(self, made: ShaFile) -> ObjectID:
        self._new.setdefault(made.id, made)
        return made.id


def _files_below(
    repository: Repository, tree: str, prefix: str
) -> Iterator[tuple[str, str]]:
    for entry in repository.read_tree(tree).iteritems():
        path = prefix + entry.path.decode()
        if stat.S_ISDIR(entry.mode):
            yield from _files_below(repository, entry.sha.decode(), f"{path}/")
        else:
            yield path, entry.sha.decode()


_Entries = dict[str, tuple[int, str]]


def _entries(repository: Repository, tree: str | None) -> _Entries:
    if tree is None:
        return {}
    return {
        entry.path.decode(): (entry.mode, entry.sha.decode())
        for entry in repository.read_tree(tree).iteritems()
    }


def _changes(
    repository: Repository, before: str | None, after: str | None, prefix: str
) -> Iterator[ChangedFile]:
    if before == after:
        return
    left, right = _entries(repository, before), _entries(repository, after)
    for name in left.keys() | right.keys():
        was, now = left.get(name), right.get(name)
        if was == now:
            continue
        path = prefix + name
        file_was, folder_was = _split(was)
        file_now, folder_now = _split(now)
        if file_was is not None or file_now is not None:
            yield ChangedFile(path, file_was, file_now)
        yield from _changes(repository, folder_was, folder_now, f"{path}/")


def _split(entry: tuple[int, str] | None) -> tuple[str | None, str | None]:
    """Return the entry's id as (file, folder)."""
    if entry is None:
        return None, None
    mode, found = entry
    return (None, found) if stat.S_ISDIR(mode) else (found, None)
