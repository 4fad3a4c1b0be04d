"""Whether the branches on disk stand where the database last knew them.

A crash leaves a branch ahead of its row by what was published last; that is adopted. A
branch behind its row, or beside it, has lost releases (a restored copy, a bad disk):
nothing is built on it before somebody has looked.
"""

import logging
from enum import Enum, auto
from typing import Final

from django.db import transaction

from delivery.git import refs
from delivery.git.project import MAIN, SOURCE
from delivery.git.repository import NoSuchObject, Repository
from delivery.models import HostedRepository, RefMove
from delivery.repositories import hosted, repositories_of
from environments.locking import lock_project
from environments.models import Project

logger: Final = logging.getLogger(__name__)

ADOPTED: Final = "adopted after a crash"


class Standing(Enum):
    """Where a branch on disk stands, seen from its row."""

    SAME = auto()
    AHEAD = auto()
    ASTRAY = auto()


class BranchAstray(Exception):
    """A branch lacks commits that the database knows to have been published."""


def standing(repository: Repository, *, tip: str, known: str) -> Standing:
    """Compare the *tip* of a branch with the commit *known*; "" is its empty root."""
    if known == tip:
        return Standing.SAME
    if known == "":
        is_root = not repository.read_commit(tip).parents
        return Standing.SAME if is_root else Standing.AHEAD
    if refs.is_reachable(repository, tip=tip, commit=known):
        return Standing.AHEAD
    return Standing.ASTRAY


def is_whole(project: Project) -> bool:
    """Say whether ``main`` holds what was published, so that clusters may read it.

    Every poll of every cluster asks: read the project along with its ``repository``.
    """
    row: HostedRepository | None = getattr(project, "repository", None)
    published = row.main_commit if row else ""
    try:
        with Repository(repositories_of(project).main) as served:
            tip = refs.tip(served, MAIN)
            return standing(served, tip=tip, known=published) is not Standing.ASTRAY
    except (FileNotFoundError, NoSuchObject):
        return False


def note_tip(row: HostedRepository, served: Repository, *, tip: str) -> None:
    """Write down what was published and not recorded, under the project lock.

    :raises BranchAstray: when the branch lacks what the row knows
    """
    match standing(served, tip=tip, known=row.main_commit):
        case Standing.SAME:
            return
        case Standing.ASTRAY:
            raise BranchAstray(
                f"{row}: {MAIN} stands at {tip}, which is not built on "
                f"{row.main_commit}; run manage.py fsck --repair before deploying"
            )
    note_moves(row, served, tip=tip, since=row.main_commit)
    HostedRepository.objects.filter(pk=row.pk).update(main_commit=tip)


def note_moves(
    row: HostedRepository, served: Repository, *, tip: str, since: str = ""
) -> None:
    """Record each move to *tip* after the commit *since* ("": its root) that is not."""
    for commit in refs.first_parents(served, tip):
        new = commit.id.decode()
        if new == since or not commit.parents:
            return
        RefMove.objects.get_or_create(
            repository=row,
            new_commit=new,
            defaults={"old_commit": commit.parents[0].decode(), "job": ADOPTED},
        )


def check_all() -> list[str]:
    """Compare every branch with its row; return what is wrong, and log it loudly."""
    rows = HostedRepository.objects.select_related("project").order_by("pk")
    wrong = [finding for row in rows for finding in _findings(row)]
    for finding in wrong:
        logger.critical("%s", finding)
    return wrong


def _findings(row: HostedRepository) -> list[str]:
    places = repositories_of(row.project)
    wrong = []
    try:
        adopt(row.project)
    except BranchAstray as astray:
        wrong.append(str(astray))
    with Repository(places.source) as source:
        tip = refs.tip(source, SOURCE)
        if standing(source, tip=tip, known=row.source_commit) is Standing.ASTRAY:
            wrong.append(
                f"{row}: {SOURCE} stands at {tip}, which is not built on "
                f"{row.source_commit}"
            )
    return wrong


@transaction.atomic
def adopt(project: Project) -> None:
    """Write down what was published on ``main`` and not recorded.

    :raises BranchAstray: when the branch lacks what the row knows
    """
    lock_project(project)
    with Repository(repositories_of(project).main) as served:
        note_tip(hosted(project), served, tip=refs.tip(served, MAIN))
