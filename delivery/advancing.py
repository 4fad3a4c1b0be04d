"""The one way that ``main`` moves.

Every path that can change what a cluster receives ends here, inside the caller's
final transaction. ``permit`` is the whole guard chain; there is no default for it and
no second caller.
"""

from collections.abc import Callable

from django.db import connection

from delivery.git import locks, publishing
from delivery.git.project import MAIN
from delivery.git.repository import Repository
from delivery.models import HostedRepository, RefMove
from delivery.repositories import hosted, repositories_of
from environments.models import Project


def advance_ref(
    project: Project, *, old: str, new: str, job: str, permit: Callable[[], object]
) -> bool:
    """Move ``main`` from *old* to *new* if *permit* does not raise.

    The caller holds the project lock in an open transaction. What *new* needs is
    copied from the repository of renderings, then the ref is swapped. False, with
    nothing changed, when ``main`` no longer stands at *old*.

    :raises DomainError: whatever *permit* raises
    :raises delivery.git.locks.RepositoryBusy: when the repository stays locked
    """
    assert connection.in_atomic_block, "main moves in the transaction that says so"
    places = repositories_of(project)
    with (
        Repository(places.renderings) as source,
        Repository(places.main) as served,
        locks.lock(places.main),
    ):
        permit()
        moved = publishing.publish(source, served, MAIN, old=old, new=new)
    if moved:
        row = hosted(project)
        HostedRepository.objects.filter(pk=row.pk).update(main_commit=new)
        RefMove.objects.create(repository=row, old_commit=old, new_commit=new, job=job)
    return moved
