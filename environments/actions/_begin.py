"""How every action on desired state begins."""

from typing import Any

from environments import errors
from environments.locking import lock_project
from environments.models import (
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    Workload,
)
from gitopshq.core.errors import NotFound


def begin(project: Project) -> Project:
    """Return the project, locked.

    :raises Archived: when it takes no more edits
    """
    project = lock_project(project)
    refuse_archived(project)
    return project


def refuse_archived(*rows: Project | Tenant | Environment | Workload | None) -> None:
    """Raise ``Archived`` for the first row that is."""
    for row in rows:
        if row is not None and row.archived_at is not None:
            noun = f"{row._meta.verbose_name} {row}"
            raise errors.Archived(noun=noun)


def refuse_strangers(
    project: Project, *rows: Tenant | Environment | Workload | TenantEnvironment | None
) -> None:
    """Raise ``NotFound`` for a row of another project."""
    if any(row is not None and row.project_id != project.pk for row in rows):
        raise NotFound


def differing(
    before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both sides cut down to what differs, for the audit trail."""
    moved = [name for name in after if before.get(name) != after[name]]
    return (
        {name: before.get(name) for name in moved},
        {name: after[name] for name in moved},
    )
