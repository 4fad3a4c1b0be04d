"""Whether a project's repositories hold what the database says, as far as Git goes.

Nothing is changed here: ``mending`` does that. Whose each commit is, releases tell.
"""

import logging
from collections.abc import Callable, Iterator
from typing import Final

from delivery.repositories import places_of, repositories_folder
from delivery.soundness import branches, contents, leftovers, packs
from delivery.soundness.findings import Finding, Kind
from environments.models import Project

__all__ = ["Finding", "Kind", "check", "guarded"]

logger: Final = logging.getLogger(__name__)

RESTORE: Final = (
    "restore this repository from a backup, then run fsck --repair; without a backup, "
    "move it away first: what can be made again is"
)


def check(project: Project, *, deep: bool) -> list[Finding]:
    """Return what is wrong with the repositories of *project*, the gravest first.

    :param deep: let git read every object too, and look for our own copy of each
        published one; takes minutes where a light check takes seconds.
    """
    if places_of(project).missing():
        return branches.missing(project)
    found = guarded(project, packs.check) if deep else []
    found += guarded(project, branches.check)
    found += guarded(project, leftovers.check)
    # Below a broken branch everything would be missing.
    if not any(finding.kind in branches.GRAVE for finding in found):
        found += guarded(project, lambda one: contents.check(one, deep=deep))
    return found


def unowned() -> list[Finding]:
    """Return the repositories that lie where a new project would find them."""
    slugs = set(Project.objects.values_list("slug", flat=True))
    folder = repositories_folder()
    there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    return [
        Finding(
            Kind.REPOSITORY_UNOWNED,
            slug,
            f"{folder.name}/{slug}",
            "the database knows no such project; one made under this name would "
            "show what is in there",
            "restore the database that knows it, or move the folder away",
        )
        for slug in there
        if slug not in slugs
    ]


def guarded(
    project: Project, part: Callable[[Project], Iterator[Finding]]
) -> list[Finding]:
    """Return what a part of the check finds; that it cannot read on is a finding."""
    found: list[Finding] = []
    try:
        found.extend(part(project))
    except Exception as fault:
        # Broken objects fail in every way a parser can.
        logger.exception("%s: the repositories cannot be read", project)
        found.append(
            Finding(
                Kind.UNREADABLE,
                project.slug,
                type(fault).__name__,
                f"reading stopped: {fault}",
                RESTORE,
            )
        )
    return found
