"""Files that killed writers left beside or inside the repositories."""

from collections.abc import Iterator
from typing import Final

from delivery import upkeep
from delivery.repositories import places_of
from delivery.soundness.findings import Finding, Kind
from environments.models import Project

REMEDY: Final = "fsck --repair removes it; so does the hourly upkeep"


def check(project: Project) -> Iterator[Finding]:
    """Yield what has lain there for longer than any writer takes."""
    folder = places_of(project).folder
    for path in upkeep.leftovers(project):
        yield Finding(
            Kind.LEFTOVER,
            project.slug,
            str(path.relative_to(folder)),
            "nobody works with this file any more",
            REMEDY,
        )
