"""Changing a row's fields and its place in the archive in one transaction."""

from typing import Any

from django.db import transaction

from environments.actions.archiving import archive, restore
from environments.actions.projects import (
    update_environment,
    update_project,
    update_tenant,
)
from environments.actions.workloads import update_workload
from environments.models import Environment, Project, Tenant, Workload
from gitopshq.core.models import User


@transaction.atomic
def change_project(
    project: Project,
    *,
    actor: User | None,
    archived: bool | None = None,
    **fields: Any,
) -> Project:
    """Do what is asked of ``restore``, ``update_project`` and ``archive``, in order."""
    if archived is False:
        project = restore(project, actor=actor)
    if fields:
        project = update_project(project, actor=actor, **fields)
    return archive(project, actor=actor) if archived else project


@transaction.atomic
def change_tenant(
    tenant: Tenant, *, actor: User | None, archived: bool | None = None, **fields: Any
) -> Tenant:
    """Do what is asked of ``restore``, ``update_tenant`` and ``archive``, in order."""
    if archived is False:
        tenant = restore(tenant, actor=actor)
    if fields:
        tenant = update_tenant(tenant, actor=actor, **fields)
    return archive(tenant, actor=actor) if archived else tenant


@transaction.atomic
def change_environment(
    environment: Environment,
    *,
    actor: User | None,
    archived: bool | None = None,
    **fields: Any,
) -> Environment:
    """Do what is asked of ``restore``, ``update_environment`` and ``archive``."""
    if archived is False:
        environment = restore(environment, actor=actor)
    if fields:
        environment = update_environment(environment, actor=actor, **fields)
    return archive(environment, actor=actor) if archived else environment


@transaction.atomic
def change_workload(
    workload: Workload,
    *,
    actor: User | None,
    archived: bool | None = None,
    **fields: Any,
) -> Workload:
    """Do what is asked of ``restore``, ``update_workload`` and ``archive``."""
    if archived is False:
        workload = restore(workload, actor=actor)
    if fields:
        workload = update_workload(workload, actor=actor, **fields)
    return archive(workload, actor=actor) if archived else workload
