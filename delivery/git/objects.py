"""What objects a repository holds, and which of another's it lacks.

Every object that is to be copied is held against its id and its type. Writing them is
packs' work.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from dulwich.objects import (
    Blob,
    Commit,
    ObjectID,
    ShaFile,
    Tree,
    serialize_tree,
)
from dulwich.pack import Pack

from delivery.git.ids import EMPTY_TREE, to_git
from delivery.git.names import name_fault
from delivery.git.repository import NoSuchObject, Repository

FILE_MODE = 0o100644
FOLDER_MODE = 0o040000

_TYPE_OF_MODE = {FILE_MODE: Blob.type_num, FOLDER_MODE: Tree.type_num}
"""The only kinds of entry a tree has here: no links, nothing executable."""


class CorruptObject(Exception):
    """An object that is not what its id says, or that must not be in a repository."""


def missing_objects(
    source: Repository,
    target: Repository,
    roots: Iterable[str],
    *,
    thorough: bool = False,
) -> list[ShaFile]:
    """Return the objects that `roots` reach in the source and the target lacks.

    :param thorough: look below what the target holds, too; else that is complete.
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
        is_held = object_id in held
        if object_id in seen or (is_held and not thorough):
            continue
        seen.add(object_id)
        kind, data = source.store.get_raw(object_id)
        copy = ShaFile.from_raw_string(kind, data)
        if copy.id != object_id or expected not in {None, kind}:
            raise CorruptObject(object_id.decode())
        if not is_held:
            found.append(copy)
        waiting.extend(_references(copy))
    return found


def lacks(
    repository: Repository, tree: str, *, besides: Repository | None = None
) -> bool:
    """Say whether anything below a tree is absent, the tree itself included.

    What another repository holds is taken to be complete there, and not looked for.
    """
    elsewhere = Holdings(besides) if besides else None
    return Completeness(repository, besides=elsewhere).first_missing(tree) is not None


class Completeness:
    """Looks below trees for what is absent; what was found whole is not asked again.

    Contents are not read: whether they are sound shows when they are copied, or by
    ``git fsck``.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        besides: "Holdings | None" = None,
        borrowed: bool = True,
    ) -> None:
        """Look in *repository*, and not for what is in *besides*.

        :param borrowed: objects of the repository it borrows from count.
        """
        self._repository = repository
        self._besides = besides
        self._held = Holdings(repository)
        self._borrowed = borrowed
        self._whole: set[ObjectID] = set()

    def first_missing(self, tree: str) -> str | None:
        """Return an object below a tree, or its own id, that is absent; else None."""
        waiting, seen = [to_git(tree)], set[ObjectID]()
        while waiting:
            at = waiting.pop()
            if at in seen or at in self._whole or self._is_elsewhere(at):
                continue
            if at != to_git(EMPTY_TREE) and not self.holds(at):
                return at.decode()
            seen.add(at)
            for _, mode, found in self._repository.read_tree(at.decode()).iteritems():
                if mode == FOLDER_MODE:
                    waiting.append(found)
                elif not (found in seen or found in self._whole or self.holds(found)):
                    return found.decode()
                else:
                    seen.add(found)
        self._whole |= seen
        return None

    def holds(self, object_id: ObjectID) -> bool:
        """Say whether an object is there, whatever it reaches."""
        return (
            object_id in self._held
            or self._is_elsewhere(object_id)
            or (self._borrowed and object_id in self._repository.store)
        )

    def _is_elsewhere(self, object_id: ObjectID) -> bool:
        return self._besides is not None and object_id in self._besides


class Holdings:
    """The objects a repository itself holds: neither borrowed nor seen too late.

    The packs are listed once; asking the store for an absent object would list the
    pack folder again each time. Objects that are asked for together were written
    together: the pack of the last answer is asked first, then the larger ones.
    """

    def __init__(self, repository: Repository) -> None:
        repository.refresh()
        self._packs = sorted(repository.store.packs, key=_size, reverse=True)
        self._last: Pack | None = None

    def __contains__(self, object_id: ObjectID) -> bool:
        return self._pack_of(object_id) is not None

    def among(self, object_ids: Iterable[ObjectID]) -> set[ObjectID]:
        """Return which of these are held; each pack is asked for all that are left."""
        asked = set(object_ids)
        left = asked.copy()
        for pack in self._packs:
            left.difference_update([each for each in left if each in pack])
            if not left:
                break
        return asked - left

    def get_raw(self, object_id: ObjectID) -> tuple[int, bytes]:
        """Return type and bytes of an object.

        :raises KeyError: if it is not held.
        """
        for pack in self._in_turn():
            # Reading tells whether it is there: asking first looks it up twice.
            with suppress(KeyError):
                raw = pack.get_raw(object_id)
                self._last = pack
                return raw
        raise KeyError(object_id)

    def _pack_of(self, object_id: ObjectID) -> Pack | None:
        for pack in self._in_turn():
            if object_id in pack:
                self._last = pack
                return pack
        return None

    def _in_turn(self) -> Iterator[Pack]:
        if self._last is not None:
            yield self._last
        yield from (pack for pack in self._packs if pack is not self._last)


def new_objects(source: Repository, commit: str) -> list[ShaFile]:
    """Return the commit and what its tree holds that its parent's tree does not.

    Both trees are walked side by side, so that equal folders are never opened; what
    only moved to another path counts as new.

    :raises CorruptObject: if one is damaged, or is a tree with a forbidden entry.
    :raises delivery.git.repository.NoSuchObject: if the source lacks one.
    """
    at = source.read_commit(commit)
    held = Holdings(source)
    before = source.tree_of(at.parents[0].decode()) if at.parents else EMPTY_TREE
    found: dict[ObjectID, ShaFile] = {
        at.id: _checked(source, held, at.id, Commit.type_num)
    }
    waiting = [(at.tree, to_git(before))]
    while waiting:
        after_id, before_id = waiting.pop()
        if after_id in found or after_id == before_id:
            continue
        tree = _checked(source, held, after_id, Tree.type_num)
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
                found[object_id] = _checked(source, held, object_id, kind)
    return list(found.values())


def _size(pack: Pack) -> int:
    """Return the bytes of a pack's file; its index stays closed."""
    try:
        return Path(f"{pack._basename}.pack").stat().st_size  # noqa: SLF001
    except FileNotFoundError:
        # Joined with others since it was listed; its open files still serve.
        return 0


def _checked(
    source: Repository, held: Holdings, object_id: ObjectID, kind: int
) -> ShaFile:
    """Read an object, held or borrowed, and compare it with its id and type."""
    try:
        found, data = held.get_raw(object_id)
    except KeyError:
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
    if b"".join(serialize_tree(tree.iteritems())) != tree.as_raw_string():
        raise CorruptObject(f"{tree.id.decode()}: an entry twice, or out of order")
    for name, mode, object_id in tree.iteritems():
        # What is no UTF-8 becomes surrogates, which no name may hold.
        shown = name.decode(errors="surrogateescape")
        if mode not in _TYPE_OF_MODE or name_fault(shown):
            raise CorruptObject(f"{tree.id.decode()}: {name!r}, mode {mode:o}")
        yield object_id, _TYPE_OF_MODE[mode], (name, mode)
