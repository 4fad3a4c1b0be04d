"""Writing objects, always as one fsynced pack."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dulwich.object_format import DEFAULT_OBJECT_FORMAT
from dulwich.objects import ShaFile
from dulwich.pack import (
    full_unpacked_object,
    write_pack_data,
    write_pack_index_v2,
)

from delivery.git.journal import fsync_folder
from delivery.git.locks import require_lock
from delivery.git.objects import Holdings, missing_objects
from delivery.git.repository import Repository


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


def add_staged(repository: Repository) -> int:
    """Write what is staged as one pack, and stage it no more; return how many objects.

    :raises delivery.git.locks.LockNotHeld: without the repository's lock.
    """
    written = add_pack(repository, repository.staged.values())
    repository.staged.clear()
    return written


def copy_missing(source: Repository, target: Repository, roots: Iterable[str]) -> int:
    """Copy what `roots` reach and `target` lacks, as one pack; return how many objects.

    An object that the target holds is taken to be complete there: packs appear whole.

    :raises delivery.git.objects.CorruptObject: if an object of the source is damaged;
        nothing is written then.
    :raises KeyError: if the source lacks an object.
    :raises delivery.git.locks.LockNotHeld: without the target's lock.
    """
    require_lock(target.path)
    missing = missing_objects(source, target, roots)
    if missing:
        write_pack(target.path, missing)
    return len(missing)


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
    # Git and dulwich open whatever ends in `.pack` and `.idx`, half-written too.
    descriptor, name = tempfile.mkstemp(prefix="tmp_", suffix=".pack-draft", dir=folder)
    pack_file = Path(name)
    index_file = pack_file.with_suffix(".idx-draft")
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


def _finish(file: IO[bytes]) -> None:
    """Make a written file durable and read-only, as Git keeps its packs."""
    file.flush()
    os.fchmod(file.fileno(), 0o444)
    os.fsync(file.fileno())
