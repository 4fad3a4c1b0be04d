"""The one way that ``main`` moves.

Every path that can change what a cluster receives ends here, inside the caller's
final transaction. ``permit`` is the whole guard chain; there is no default for it and
no second caller. What was let through once is brought back after a loss by
``bring_back``, which goes nowhere else.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from django.db import connection, transaction

from delivery import tasks, tips, upkeep
from delivery.git import locks, publishing, refs
from delivery.git.project import MAIN
from delivery.git.repository import Repository
from delivery.models import HostedRepository, RefMove
from delivery.repositories import hosted, repositories_of
from environments.locking import lock_project
from environments.models import Project
from gitopshq.core.ringing import ring

PATIENCE_SECONDS: Final = 2.0
"""How long the project lock is held for a repository that is being tidied."""


def advance_ref(
    project: Project, *, old: str, new: str, job: str, permit: Callable[[], object]
) -> bool:
    """Move ``main`` from *old* to *new* if *permit* does not raise.

    The caller holds the project lock in an open transaction. What *new* adds was
    prepared when it was built; here it appears, and the ref is swapped. False, with
    nothing changed, when ``main`` no longer stands at *old* or is busy.

    :raises DomainError: whatever *permit* raises
    :raises delivery.tips.BranchAstray: when ``main`` has lost published commits
    """
    assert connection.in_atomic_block, "main moves in the transaction that says so"
    places = repositories_of(project)
    row = hosted(project)
    try:
        with (
            Repository(places.renderings) as source,
            Repository(places.main) as served,
            locks.lock(places.main, timeout_seconds=PATIENCE_SECONDS),
        ):
            tip = refs.tip(served, MAIN)
            tips.note_tip(row, served, tip=tip)
            if tip != old:
                return False
            moved = _move(source, served, old=old, new=new, permit=permit)
    except locks.RepositoryBusy:
        return False
    if moved:
        HostedRepository.objects.filter(pk=row.pk).update(main_commit=new)
        RefMove.objects.create(repository=row, old_commit=old, new_commit=new, job=job)
        if upkeep.needs_tidying(project):
            transaction.on_commit(partial(ring, tasks.tidy, project_id=project.pk))
    return moved


@transaction.atomic
def bring_back(project: Project) -> None:
    """Move ``main``, of which an older copy was restored, forward to what it was.

    It goes to the commit that the database says was published last, by way of the
    renderings, which keep every commit that was built; never backwards.

    :raises delivery.tips.BranchAstray: when that does not follow on what is there, or
        no recorded move led to it
    :raises delivery.git.locks.RepositoryBusy: when the repository stays locked
    """
    lock_project(project)
    known = hosted(project).main_commit
    places = repositories_of(project)
    with (
        Repository(places.renderings) as kept,
        Repository(places.main) as served,
        locks.lock(places.main, timeout_seconds=PATIENCE_SECONDS),
    ):
        tip = refs.tip(served, MAIN)
        if tips.standing(served, tip=tip, known=known) is not tips.Standing.ASTRAY:
            return
        if not refs.is_reachable(kept, tip=known, commit=tip):
            raise tips.BranchAstray(f"{known} does not follow on {tip}")
        permit = partial(_refuse_unless_let_through, project, known)
        _move(kept, served, old=tip, new=known, permit=permit)


def _move(
    source: Repository,
    served: Repository,
    *,
    old: str,
    new: str,
    permit: Callable[[], object],
) -> bool:
    """Ask, then swap; ``main`` is moved nowhere else."""
    permit()
    return publishing.publish(source, served, MAIN, old=old, new=new)


def _refuse_unless_let_through(project: Project, commit: str) -> None:
    """Refuse what no recorded move led to: that was never asked about.

    :raises delivery.tips.BranchAstray: when there is none
    """
    if not RefMove.objects.filter(
        repository__project=project, new_commit=commit
    ).exists():
        raise tips.BranchAstray(f"no recorded move led to {commit}")
