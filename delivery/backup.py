"""A backup that is laid out as a data folder, taken while deploys go on.

The database comes first: then every commit that it knows is in the repositories, and
``manage.py fsck --repair`` brings the two together after a restore.
"""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from delivery.git import copying
from delivery.repositories import places_of
from environments.models import Project

DATABASE: Final = "gitopshq.sqlite3"
SECRETS: Final = "secrets"


def back_up(folder: Path) -> bool:
    """Copy database, repositories and kept keys to *folder*, which must be new.

    False where the database is not SQLite: a dump of it must have been made before.

    :raises FileExistsError: when there is something at *folder*
    :raises delivery.git.locks.RepositoryBusy: when a repository stays locked
    """
    folder.mkdir(mode=0o700, parents=True)
    has_database = copy_database(folder / DATABASE)
    copy_repositories(folder / "repositories")
    kept = Path(settings.DATA_DIR) / SECRETS
    if kept.is_dir():
        shutil.copytree(kept, folder / SECRETS)
    return has_database


def copy_database(target: Path) -> bool:
    """Copy a SQLite database as it is at one moment; False where it is another."""
    if connection.vendor != "sqlite":
        return False
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)
    target.chmod(0o600)
    return True


def copy_repositories(folder: Path) -> None:
    """Copy the repositories of every project: of each, what lends first."""
    for project in Project.objects.order_by("slug"):
        places = places_of(project)
        for path in places.all:
            if (path / "HEAD").is_file():
                target = folder / places.folder.name / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                copying.copy(path, target)
