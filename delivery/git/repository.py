"""An open bare repository and reading single objects from it.

Making one, and writing objects, commits and refs, have modules of their own.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from struct import unpack_from
from types import TracebackType
from typing import Self

from dulwich.object_store import DiskObjectStore
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree
from dulwich.pack import Pack, PackIndex2
from dulwich.refs import DiskRefsContainer

from delivery.git.ids import EMPTY_TREE, to_git


class NoSuchObject(LookupError):
    """An object or ref the repository does not hold, or of another type than asked."""


class _Index(PackIndex2):
    """An index whose table of 256 numbers is read in one go, not one by one.

    Every opening of a repository reads those of all packs. An id is searched for in
    the part of the sorted ids that the table names, as bytes: hundreds are asked for.
    """

    def _read_fan_out_table(self, start_offset: int) -> list[int]:
        return [*unpack_from(">256L", self._contents, start_offset)]

    def _object_offset(self, sha: bytes) -> int:
        first, length = sha[0], len(sha)
        start = self._fan_out_table[first - 1] if first else 0
        at = begin = self._name_table_offset + start * length
        end = self._name_table_offset + self._fan_out_table[first] * length
        while (at := self._contents.find(sha, at, end)) >= 0:
            place, rest = divmod(at - begin, length)
            if not rest:
                return self._unpack_offset(start + place)
            at += 1  # the end of one id and the beginning of the next
        raise KeyError(sha)


class _Store(DiskObjectStore):
    """All packs here are ours or ``git repack``'s: their indexes are of version 2."""

    def _update_pack_cache(self) -> list[Pack]:
        appeared = super()._update_pack_cache()
        for pack in appeared:
            pack._idx_load = partial(  # noqa: SLF001
                _Index,
                pack._idx_path,  # noqa: SLF001
                pack.object_format,
            )
        return appeared


class Repository:
    """One bare repository, open; for one thread at a time. Close it after use."""

    def __init__(self, path: Path) -> None:
        """Open the repository at `path`.

        :raises FileNotFoundError: if there is none.
        """
        if not (path / "HEAD").is_file():
            raise FileNotFoundError(path)
        self.path = path
        self.store = _Store(path / "objects", fsync_object_files=True)
        self.refs = DiskRefsContainer(path)
        self.staged: dict[ObjectID, ShaFile] = {}
        """What can be read here, but is on no disk yet: ``packs.add_staged``."""

    def close(self) -> None:
        """Release the packs; the repository cannot be read afterwards."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, object_id: str) -> ShaFile:
        """Return the object with this id.

        :raises NoSuchObject: if the repository does not hold it.
        """
        key = to_git(object_id)
        if staged := self.staged.get(key):
            return staged.copy()
        try:
            return self.store[key]
        except KeyError:
            raise NoSuchObject(object_id) from None

    def read_commit(self, object_id: str) -> Commit:
        """Return the commit with this id.

        :raises NoSuchObject: if there is none.
        """
        found = self.read(object_id)
        if not isinstance(found, Commit):
            raise NoSuchObject(f"{object_id} is no commit")
        return found

    def read_tree(self, object_id: str) -> Tree:
        """Return the tree with this id.

        :raises NoSuchObject: if there is none.
        """
        if object_id == EMPTY_TREE:
            return Tree()
        found = self.read(object_id)
        if not isinstance(found, Tree):
            raise NoSuchObject(f"{object_id} is no tree")
        return found

    def read_blob(self, object_id: str) -> bytes:
        """Return the bytes of the file content with this id.

        :raises NoSuchObject: if there is none.
        """
        found = self.read(object_id)
        if not isinstance(found, Blob):
            raise NoSuchObject(f"{object_id} is no file content")
        return found.as_raw_string()

    def tree_of(self, commit_id: str) -> str:
        """Return the id of a commit's root tree.

        :raises NoSuchObject: if there is no such commit.
        """
        return str(self.read_commit(commit_id).tree, "ascii")

    def stage(self, objects: Iterable[ShaFile]) -> None:
        """Let objects be read from here before they are written, all together."""
        self.staged.update({found.id: found for found in objects})

    def refresh(self) -> None:
        """Let go of packs that are gone from the disk, and see those that are new."""
        _ = self.store.packs

    def holds(self, object_id: str) -> bool:
        """Say whether the repository has the object, borrowed ones included."""
        return to_git(object_id) in self.store
