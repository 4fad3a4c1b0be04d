"""Changing a row's fields and its place in the archive in one transaction."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from django.db import transaction

from environments.actions.archiving import RowT, archive, restore
from environments.actions.projects import (
    update_environment,
    update_project,
    update_tenant,
)
from environments.actions.workloads import update_workload
from environments.models import Environment, Project, Tenant, Workload
from gitopshq.core.models import User

_UPDATES: Final[Mapping[type, Callable[..., Any]]] = {
    Project: update_project,
    Tenant: update_tenant,
    Environment: update_environment,
    Workload: update_workload,
}


@transaction.atomic
def change(
    row: RowT, *, actor: User | None, archived: bool | None = None, **fields: Any
) -> RowT:
    """Take *row* from the archive, change what is given, put it away, as asked.

    :raises NotPermitted: without the permission to manage such rows of the project
    :raises Archived: when fields are given of a row that stays in the archive
    :raises InUse: as ``archive``
    :raises ValidationError: for a field that breaks a rule
    """
    if archived is False:
        row = restore(row, actor=actor)
    if fields:
        row = cast(RowT, _UPDATES[type(row)](row, actor=actor, **fields))
    return archive(row, actor=actor) if archived else row
