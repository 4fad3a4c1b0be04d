"""Packs that wait beside a repository, where Git does not look, for their commit.

Nothing in them can be fetched by anybody. When they appear is for publishing.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dulwich.objects import ShaFile

from delivery.git.ids import to_git
from delivery.git.journal import fsync_folder
from delivery.git.packs import DraftPack, write_files

_FOLDER = "gitopshq-drafts"
_CHECKSUM_BYTES = 20


def write(repository: Path, commit: str, objects: Sequence[ShaFile]) -> DraftPack:
    """Write the objects as a durable draft for `commit`; an older one is replaced."""
    folder = repository / _FOLDER
    folder.mkdir(exist_ok=True)
    pack, index, _ = write_files(folder, objects)
    draft = _place(repository, commit)
    pack.rename(draft.draft_pack)
    # The index comes last: a draft without one is not found.
    index.rename(draft.draft_index)
    fsync_folder(folder)
    found = find(repository, commit)
    assert found is not None, "it was written just now"
    return found


def find(repository: Path, commit: str) -> DraftPack | None:
    """Return the draft that was written for `commit`, or None."""
    place = _place(repository, commit)
    if not place.draft_index.is_file():
        return None
    with place.draft_pack.open("rb") as file:
        file.seek(-_CHECKSUM_BYTES, 2)
        name = f"pack-{file.read().hex()}"
    return DraftPack(place.folder, name, place.draft_pack, place.draft_index)


def waiting(repository: Path) -> Iterator[Path]:
    """Yield the files of every draft, whole or half written."""
    return (repository / _FOLDER).glob("*")


def clear(repository: Path, *, older_than: float) -> None:
    """Remove what nobody published, last written before a time in epoch seconds."""
    for path in waiting(repository):
        try:
            if path.stat().st_mtime < older_than:
                path.unlink()
        except FileNotFoundError:
            # Published or cleared by somebody else meanwhile.
            continue


def _place(repository: Path, commit: str) -> DraftPack:
    """Return where a draft lies, its name still unknown."""
    stem = repository / _FOLDER / to_git(commit).decode()
    packs = repository / "objects" / "pack"
    return DraftPack(packs, "", stem.with_suffix(".pack"), stem.with_suffix(".idx"))
