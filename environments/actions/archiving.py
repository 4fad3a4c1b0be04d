"""Archiving what a release may refer to, and taking it back. Nothing is deleted."""

from typing import Final, TypeVar, cast

from django.db import transaction
from django.utils import timezone

from environments import errors, ports
from environments.access import require
from environments.actions._begin import refuse_archived
from environments.events import Event
from environments.locking import lock_project
from environments.models import (
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    Workload,
)
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.models import User

RowT = TypeVar("RowT", bound=Project | Tenant | Environment | Workload)

_NEEDED: Final = {
    Project: Permission.MANAGE_PROJECT,
    Tenant: Permission.MANAGE_ENVIRONMENT,
    Environment: Permission.MANAGE_ENVIRONMENT,
    Workload: Permission.MANAGE_WORKLOADS,
}


@transaction.atomic
def archive(row: RowT, *, actor: User | None) -> RowT:
    """Put *row* away: it takes no more edits, and no more releases.

    :raises NotPermitted: without the permission to manage such rows of the project
    :raises Archived: when it is
    :raises InUse: while an open release or a non-empty deployed snapshot refers to it,
        or a workload is bound
    """
    row = _locked(row, actor)
    refuse_archived(row)
    for reason in _uses(row):
        raise errors.InUse(what=f"{row._meta.verbose_name} {row}", reason=reason)
    row.archived_at = timezone.now()
    return _save(row, Event.ARCHIVED, actor)


@transaction.atomic
def restore(row: RowT, *, actor: User | None) -> RowT:
    """Take *row* back from the archive; one that is not archived stays as it is.

    :raises NotPermitted: without the permission to manage such rows of the project
    """
    row = _locked(row, actor)
    if row.archived_at is None:
        return row
    row.archived_at = None
    return _save(row, Event.RESTORED, actor)


def _locked(row: RowT, actor: User | None) -> RowT:
    project = lock_project(row if isinstance(row, Project) else row.project)
    require(actor, _NEEDED[type(row)], on=project)
    return cast(RowT, type(row).objects.get(pk=row.pk))


def _save(row: RowT, event: Event, actor: User | None) -> RowT:
    row.save(update_fields=["archived_at"])
    project = row if isinstance(row, Project) else row.project
    audit.record(event, row, actor=actor, project=project.slug)
    return row


def _uses(row: Project | Tenant | Environment | Workload) -> list[str]:
    """Name what keeps *row* from being archived."""
    workload = None
    if isinstance(row, Workload):
        bindings = row.bindings.select_related("target__tenant", "target__environment")
        bound = [f"it is bound to {binding.target}" for binding in bindings]
        if bound:
            return bound
        workload, targets = (
            row.name,
            TenantEnvironment.objects.filter(project=row.project),
        )
    elif isinstance(row, Project):
        targets = TenantEnvironment.objects.filter(project=row)
    elif isinstance(row, Tenant):
        targets = TenantEnvironment.objects.filter(tenant=row)
    else:
        targets = TenantEnvironment.objects.filter(environment=row)
    keys = list(targets.values_list("pk", flat=True))
    if not keys or not ports.users_of.is_answered:
        return []
    return list(ports.users_of.answer(keys, workload=workload))
