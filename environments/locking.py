"""The project lock: taken first by whatever edits a project or moves a release.

Held for milliseconds, never across rendering or Git work. The order of locks is
project, target, release.
"""

from django.db import connection
from django.db.models import F

from environments.models import Project
from gitopshq.core.errors import NotFound


def lock_project(project: Project) -> Project:
    """Return *project* as it is now, locked until the transaction ends.

    The guarded update is the lock on SQLite and PostgreSQL alike: a second writer
    waits for it. Taking it again in the same transaction is harmless.

    :raises NotFound: when the project is not there
    """
    hold_project(project.pk)
    return Project.objects.get(pk=project.pk)


def hold_project(pk: int) -> None:
    """Do what ``lock_project`` does, for who reads the project along with other rows.

    :raises NotFound: when the project is not there
    """
    assert connection.in_atomic_block, "the project lock ends with a transaction"
    rows = Project.objects.filter(pk=pk)
    if not rows.update(lock_sequence=F("lock_sequence") + 1):
        raise NotFound
