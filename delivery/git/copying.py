"""A copy of a repository that is sound although writers go on."""

import os
import shutil
import tempfile
from pathlib import Path

from delivery.git import journal
from delivery.git.locks import lock

_OURS = "gitopshq-"
"""Locks, notes and drafts of writers begin with this: no copy needs them."""


def copy(repository: Path, target: Path) -> None:
    """Copy the repository at one moment to `target`, which must not be there.

    Packs never change, so links of them are taken in an instant under the writers'
    lock; what takes long, copying them, holds nobody up.

    :raises delivery.git.locks.RepositoryBusy: if a writer keeps the lock.
    :raises FileExistsError: if there is something at `target`.
    """
    stage = Path(
        tempfile.mkdtemp(prefix=f".{repository.name}-copy-", dir=repository.parent)
    )
    try:
        with lock(repository):
            shutil.copytree(
                repository,
                stage / "all",
                symlinks=True,
                ignore=shutil.ignore_patterns(f"{_OURS}*", "*.lock"),
                copy_function=_link,
            )
        shutil.copytree(stage / "all", target, symlinks=True)
        journal.fsync_folder(target.parent)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _link(source: str, target: str) -> str:
    """Link what Git only ever replaces; copy where links are not to be had."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return shutil.copy2(source, target, follow_symlinks=False)
    return target
