"""Writing objects, always as one fsynced pack; copying what another store lacks."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.pack import full_unpacked_object, write_pack_data, write_pack_index_v2

from delivery.git.ids import EMPTY_TREE, to_git
from delivery.git.journal import fsync_folder
from delivery.git.locks import require_lock
from delivery.git.names import name_fault
from delivery.git.repository import NoSuchObject, Repository

FILE_MODE = 0o100644
FOLDER_MODE = 0o040000

_TYPE_OF_MODE = {FILE_MODE: Blob.type_num, FOLDER_MODE: Tree.type_num}
"""The only kinds of entry a tree has here: no links, nothing executable."""


class CorruptObject(Exception):
    """An object that is not what its id says, or that must not be in a repository."""


@dataclass(frozen=True)
class DraftPack:
    """A pack that is written and durable but that no reader sees yet."""

    folder: Path
    name: str
    draft_pack: Path
    draft_index: Path

    def reveal(self) -> None:
        """Put the pack where readers find it, whole: the index comes last."""
        self.draft_pack.rename(self.folder / f"{self.name}.pack")
        self.draft_index.rename(self.folder / f"{self.name}.idx")
        fsync_folder(self.folder)

    def discard(self) -> None:
        """Remove it again."""
        self.draft_pack.unlink(missing_ok=True)
        self.draft_index.unlink(missing_ok=True)


def add_pack(repository: Repository, objects: Iterable[ShaFile]) -> int:
    """Write the objects the repository lacks as one pack; return how many.

    :raises delivery.git.locks.LockNotHeld: without the repository's lock.
    """
    require_lock(repository.path)
    held = Holdings(repository)
    fresh = [found for found in _unique(objects) if found.id not in held]
    if fresh:
        write_pack(repository.path, fresh)
    return len(fresh)


def copy_missing(source: Repository, target: Repository, roots: Iterable[str]) -> int:
    """Copy what `roots` reach and `target` lacks, as one pack; return how many objects.

    An object that the target holds is taken to be complete there: packs appear whole.

    :raises CorruptObject: if an object of the source is damaged; nothing is written.
    :raises KeyError: if the source lacks an object.
    :raises delivery.git.locks.LockNotHeld: without the target's lock.
    """
    require_lock(target.path)
    missing = missing_objects(source, target, roots)
    if missing:
        write_pack(target.path, missing)
    return len(missing)


def missing_objects(
    source: Repository, target: Repository, roots: Iterable[str]
) -> list[ShaFile]:
    """Return the objects that `roots` reach in the source and the target lacks.

    :raises CorruptObject: if one is damaged, or is a tree with a forbidden entry.
    :raises KeyError: if the source lacks one.
    """
    held = Holdings(target)
    seen: set[ObjectID] = set()
    found: list[ShaFile] = []
    waiting: list[tuple[ObjectID, int | None]] = [
        (to_git(root), None) for root in roots
    ]
    while waiting:
        object_id, expected = waiting.pop()
        if object_id in seen or object_id in held:
            continue
        seen.add(object_id)
        kind, data = source.store.get_raw(object_id)
        copy = ShaFile.from_raw_string(kind, data)
        if copy.id != object_id or expected not in {None, kind}:
            raise CorruptObject(object_id.decode())
        found.append(copy)
        waiting.extend(_references(copy))
    return found


def lacks(
    repository: Repository, tree: str, *, besides: Repository | None = None
) -> bool:
    """Say whether anything below a tree is absent, the tree itself included.

    What another repository holds is taken to be complete there, and not looked for.
    Contents are not read: whether they are sound shows when they are copied.
    """
    elsewhere = Holdings(besides) if besides else None
    repository.refresh()
    waiting, seen = [to_git(tree)], set[ObjectID]()
    while waiting:
        at = waiting.pop()
        if at in seen or (elsewhere is not None and at in elsewhere):
            continue
        seen.add(at)
        try:
            found = repository.read_tree(at.decode())
        except NoSuchObject:
            return True
        for object_id, kind, _ in _entries(found):
            if kind == Tree.type_num:
                waiting.append(object_id)
            elif object_id not in repository.store and not (
                elsewhere is not None and object_id in elsewhere
            ):
                return True
    return False


class Holdings:
    """The objects a repository itself holds: neither borrowed nor seen too late.

    The packs are listed once; asking the store for an absent object would list the
    pack folder again each time.
    """

    def __init__(self, repository: Repository) -> None:
        repository.refresh()
        self._packs = repository.store.packs

    def __contains__(self, object_id: ObjectID) -> bool:
        return any(object_id in pack for pack in self._packs)


def new_objects(source: Repository, commit: str) -> list[ShaFile]:
    """Return the commit and what its tree holds that its parent's tree does not.

    Both trees are walked side by side, so that equal folders are never opened; what
    only moved to another path counts as new.

    :raises CorruptObject: if one is damaged, or is a tree with a forbidden entry.
    :raises delivery.git.repository.NoSuchObject: if the source lacks one.
    """
    at = source.read_commit(commit)
    before = source.tree_of(at.parents[0].decode()) if at.parents else EMPTY_TREE
    found: dict[ObjectID, ShaFile] = {at.id: _checked(source, at.id, Commit.type_num)}
    waiting = [(at.tree, to_git(before))]
    while waiting:
        after_id, before_id = waiting.pop()
        if after_id in found or after_id == before_id:
            continue
        tree = _checked(source, after_id, Tree.type_num)
        found[after_id] = tree
        old = {
            name: (mode, object_id)
            for name, mode, object_id in source.read_tree(
                before_id.decode()
            ).iteritems()
        }
        for object_id, kind, (name, mode) in _entries(tree):
            if old.get(name) == (mode, object_id):
                continue
            if kind == Tree.type_num:
                was_mode, was = old.get(name, (0, b""))
                is_folder = was_mode == FOLDER_MODE
                waiting.append(
                    (object_id, ObjectID(was) if is_folder else to_git(EMPTY_TREE))
                )
            elif object_id not in found:
                found[object_id] = _checked(source, object_id, kind)
    return list(found.values())


def write_pack(repository: Path, objects: Sequence[ShaFile]) -> None:
    """Write the objects as one pack that readers see at once; needs the lock.

    dulwich's own writer reads every pack it wrote twice over and keeps no order of
    renames; this one writes once, and a killed writer leaves `tmp*` files only.
    """
    folder = repository / "objects" / "pack"
    pack, index, name = write_files(folder, objects)
    DraftPack(folder, name, pack, index).reveal()


def write_files(folder: Path, objects: Sequence[ShaFile]) -> tuple[Path, Path, str]:
    """Write a durable pack and its index under names readers do not look for.

    Return both paths and the pack's name without a suffix.
    """
    # Commits, then trees, then blobs: what Git reads together lies together.
    ordered = sorted(objects, key=lambda found: found.type_num)
    descriptor, name = tempfile.mkstemp(prefix="tmp_", suffix=".pack", dir=folder)
    pack_file = Path(name)
    index_file = pack_file.with_suffix(".idx")
    try:
        with os.fdopen(descriptor, "wb") as file:
            entries, checksum = write_pack_data(
                file.write,
                (full_unpacked_object(found) for found in ordered),
                DEFAULT_OBJECT_FORMAT,
                num_records=len(ordered),
            )
            _finish(file)
        with index_file.open("wb") as file:
            write_pack_index_v2(
                file,
                sorted((key, offset, crc) for key, (offset, crc) in entries.items()),
                checksum,
            )
            _finish(file)
    except BaseException:
        pack_file.unlink(missing_ok=True)
        index_file.unlink(missing_ok=True)
        raise
    return pack_file, index_file, f"pack-{checksum.hex()}"


def _unique(objects: Iterable[ShaFile]) -> Iterable[ShaFile]:
    return {found.id: found for found in objects}.values()


def _checked(source: Repository, object_id: ObjectID, kind: int) -> ShaFile:
    """Read an object and hold it against its id and the type it must have."""
    try:
        found, data = source.store.get_raw(object_id)
    except KeyError:
        raise NoSuchObject(object_id.decode()) from None
    copy = ShaFile.from_raw_string(found, data)
    if copy.id != object_id or found != kind:
        raise CorruptObject(object_id.decode())
    return copy


def _references(found: ShaFile) -> Iterator[tuple[ObjectID, int]]:
    """Yield what an object names, each with the type it must have.

    :raises CorruptObject: for a tree that our own writer would have refused.
    """
    if isinstance(found, Commit):
        yield found.tree, Tree.type_num
        for parent in found.parents:
            yield parent, Commit.type_num
    elif isinstance(found, Tree):
        for object_id, kind, _ in _entries(found):
            yield object_id, kind


def _entries(tree: ShaFile) -> Iterator[tuple[ObjectID, int, tuple[bytes, int]]]:
    """Yield id, type, name and mode of what stands in a folder.

    :raises CorruptObject: for an entry that our own writer would have refused.
    """
    assert isinstance(tree, Tree)
    for name, mode, object_id in tree.iteritems():
        if mode not in _TYPE_OF_MODE or name_fault(name.decode(errors="replace")):
            raise CorruptObject(f"{tree.id.decode()}: {name!r}, mode {mode:o}")
        yield object_id, _TYPE_OF_MODE[mode], (name, mode)


def _finish(file: IO[bytes]) -> None:
    """Make a written file durable and read-only, as Git keeps its packs."""
    file.flush()
    os.fchmod(file.fileno(), 0o444)
    os.fsync(file.fileno())
