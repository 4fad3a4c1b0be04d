"""Keeping a project's repositories quick and clean.

Packs are joined when they become many, and what killed writers left goes.
"""

import logging
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from delivery.git import drafts, locks, maintenance
from delivery.git.publishing import DRAFTS_KEPT_SECONDS
from delivery.repositories import places_of, repositories_of
from environments.models import Project

logger: Final = logging.getLogger(__name__)

STALE_SECONDS: Final = DRAFTS_KEPT_SECONDS
"""No writer is at one file for so long."""


def needs_tidying(project: Project) -> bool:
    """Say whether one of the repositories has more packs than it should."""
    return any(
        maintenance.pack_count(path) > maintenance.MAX_PACKS
        for path in repositories_of(project).all
    )


def tidy(project: Project) -> None:
    """Join the packs where they are many; never in anybody's transaction.

    A writer that finds the repository locked meanwhile tries again.
    """
    for path in repositories_of(project).all:
        if maintenance.pack_count(path) <= maintenance.MAX_PACKS:
            continue
        try:
            with locks.lock(path):
                maintenance.repack(path)
        except locks.RepositoryBusy:
            logger.info("%s is busy: its packs are joined another time", path.name)
        except subprocess.SubprocessError:
            # The packs are as they were: slower, and whole.
            logger.exception("%s: joining packs failed", path.name)


def tidy_all() -> None:
    """Tidy every project whose bell after a deploy was lost, and clear leftovers."""
    for project in Project.objects.order_by("pk"):
        if places_of(project).missing():
            # Not begun, or lost: fsck tells, and nothing is made in passing.
            continue
        clear_leftovers(project)
        tidy(project)


def leftovers(project: Project) -> Iterator[Path]:
    """Yield what killed writers left, once it is older than any writer takes."""
    places = places_of(project)
    before = time.time() - STALE_SECONDS
    # Repositories are made as drafts beside their place.
    yield from _older(places.folder.glob(".*.git-*"), before)
    for path in places.all:
        yield from _older(locks.leftovers(path), before)
        yield from _older(drafts.waiting(path), before)


def clear_leftovers(project: Project) -> None:
    """Remove them; a repository that is busy is cleared by its writer."""
    places = places_of(project)
    stale = list(leftovers(project))
    for path in places.all:
        if any(path in found.parents for found in stale):
            drafts.clear(path, older_than=time.time() - STALE_SECONDS)
            try:
                with locks.lock(path, timeout_seconds=1):
                    """Who takes the lock clears what is left."""
            except locks.RepositoryBusy:
                logger.info("%s is busy: it is cleared another time", path.name)
    for found in stale:
        if found.parent == places.folder:
            shutil.rmtree(found, ignore_errors=True)


def _older(paths: Iterator[Path], before: float) -> Iterator[Path]:
    for path in paths:
        try:
            if path.lstat().st_mtime < before:
                yield path
        except FileNotFoundError:
            # Its writer finished meanwhile.
            continue
