"""Writing objects, always as one fsynced pack; copying what another store lacks."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import Commit, ObjectID, ShaFile, Tree
from dulwich.pack import full_unpacked_object, write_pack_data, write_pack_index_v2

from delivery.git.ids import to_git
from delivery.git.journal import fsync_folder
from delivery.git.locks import require_lock
from delivery.git.repository import Repository

_GITLINK = 0o160000


class CorruptObject(Exception):
    """The bytes of an object do not have the id they are kept under."""


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

    :raises CorruptObject: if one is damaged.
    :raises KeyError: if the source lacks one.
    """
    held = Holdings(target)
    seen: set[ObjectID] = set()
    found: list[ShaFile] = []
    waiting = [to_git(root) for root in roots]
    while waiting:
        object_id = waiting.pop()
        if object_id in seen or object_id in held:
            continue
        seen.add(object_id)
        kind, data = source.store.get_raw(object_id)
        copy = ShaFile.from_raw_string(kind, data)
        if copy.id != object_id:
            raise CorruptObject(object_id.decode())
        found.append(copy)
        waiting.extend(_references(copy))
    return found


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


def write_pack(repository: Path, objects: Sequence[ShaFile]) -> None:
    """Write the objects as one pack that readers see at once; needs the lock."""
    draft_pack(repository, objects).reveal()


def draft_pack(repository: Path, objects: Sequence[ShaFile]) -> DraftPack:
    """Write the objects as one durable pack that readers do not see yet.

    dulwich's own writer reads every pack it wrote twice over and keeps no order of
    renames; this one writes once, and a killed writer leaves `tmp*` files only.
    """
    folder = repository / "objects" / "pack"
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
    return DraftPack(folder, f"pack-{checksum.hex()}", pack_file, index_file)


def _unique(objects: Iterable[ShaFile]) -> Iterable[ShaFile]:
    return {found.id: found for found in objects}.values()


def _references(found: ShaFile) -> Iterator[ObjectID]:
    """Yield the ids an object names; a gitlink names nothing we could hold."""
    if isinstance(found, Commit):
        yield found.tree
        yield from found.parents
    elif isinstance(found, Tree):
        for entry in found.iteritems():
            if entry.mode != _GITLINK and entry.sha is not None:
                yield entry.sha


def _finish(file: IO[bytes]) -> None:
    """Make a written file durable and read-only, as Git keeps its packs."""
    file.flush()
    os.fchmod(file.fileno(), 0o444)
    os.fsync(file.fileno())
