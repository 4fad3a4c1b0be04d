"""Keeping a project's repositories quick: packs are joined when they become many."""

import logging
import subprocess
from typing import Final

from delivery.git import locks, maintenance
from delivery.repositories import repositories_of
from environments.models import Project

logger: Final = logging.getLogger(__name__)


def needs_tidying(project: Project) -> bool:
    """Say whether one of the repositories has more packs than it should."""
    places = repositories_of(project)
    return any(
        maintenance.pack_count(path) > maintenance.MAX_PACKS
        for path in (places.main, places.source, places.renderings)
    )


def tidy(project: Project) -> None:
    """Join the packs where they are many; never in anybody's transaction.

    A writer that finds the repository locked meanwhile tries again.
    """
    places = repositories_of(project)
    for path in (places.main, places.source, places.renderings):
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
