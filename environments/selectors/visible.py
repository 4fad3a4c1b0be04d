"""What one may look at of a project: the rest answers as if it were not there.

Which rows these are is said in ``everywhere``.
"""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from environments import access
from environments.models import (
    Environment,
    FreezeWindow,
    Project,
    Tenant,
    TenantEnvironment,
    Variable,
    Workload,
)
from environments.permissions import Permission
from environments.selectors.everywhere import Everywhere
from environments.selectors.members import Member, members_of
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from gitopshq.core.rows import one_of

RowT = TypeVar("RowT", bound=Model)


def visible_project(user: User, project: str) -> Project:
    """Return the project of that slug.

    :raises NotFound: when *user* may view nothing of it
    """
    found = one_of(access.projects_visible_to(user).filter(slug=project))
    if found is None:
        raise NotFound
    return found


def sees_whole(user: User, project: Project) -> bool:
    """Say whether *user* may view all of the project."""
    return access.allowed(user, Permission.VIEW_RELEASE, on=project)


def projects_seen_whole(user: User) -> set[int]:
    """Return the keys of the projects that *user* may view all of."""
    rows = access.projects_open_to(user, Permission.VIEW_RELEASE)
    return set(rows.values_list("pk", flat=True))


def visible_environments(user: User, project: Project) -> QuerySet[Environment]:
    """Return the environments of the project that *user* may view."""
    return Everywhere(user).environments.filter(project=project)


def visible_targets(user: User, project: Project) -> QuerySet[TenantEnvironment]:
    """Return the targets in those environments, with tenant and environment."""
    return Everywhere(user).targets.filter(project=project)


def visible_tenants(user: User, project: Project) -> QuerySet[Tenant]:
    """Return all tenants, or those with a target in an environment one may view."""
    return Everywhere(user).tenants.filter(project=project)


def visible_workloads(user: User, project: Project) -> QuerySet[Workload]:
    """Return all workloads, or those bound in an environment one may view."""
    return Everywhere(user).workloads.filter(project=project)


def visible_variables(user: User, project: Project) -> QuerySet[Variable]:
    """Return all variables, or those that reach an environment one may view."""
    return Everywhere(user).variables.filter(project=project)


def variables_where(
    rows: QuerySet[Variable],
    *,
    scope: str | None = None,
    environment: str | None = None,
    tenant: str | None = None,
    service: str | None = None,
    key: str | None = None,
) -> QuerySet[Variable]:
    """Narrow *rows*; a row of a service counts for its environment and tenant."""
    if scope is not None:
        rows = rows.filter(scope=scope)
    if environment is not None:
        rows = rows.filter(
            Q(environment__slug=environment) | Q(target__environment__slug=environment)
        )
    if tenant is not None:
        rows = rows.filter(Q(tenant__slug=tenant) | Q(target__tenant__slug=tenant))
    if service is not None:
        rows = rows.filter(workload__name=service)
    return rows if key is None else rows.filter(key=key)


def visible_windows(user: User, project: Project) -> QuerySet[FreezeWindow]:
    """Return all freeze windows, or those that reach what one may view."""
    rows = FreezeWindow.objects.filter(project=project).select_related(
        "project", "environment", "tenant", "created_by"
    )
    if sees_whole(user, project):
        return rows
    return rows.filter(
        Q(environment=None) | Q(environment__in=visible_environments(user, project)),
        Q(tenant=None) | Q(tenant__in=visible_tenants(user, project)),
    )


def visible_environment(user: User, project: str, environment: str) -> Environment:
    """Return one environment.

    :raises NotFound: when *user* may not view it
    """
    home = visible_project(user, project)
    rows = visible_environments(user, home).select_related("project")
    return _one(rows.filter(slug=environment))


def visible_tenant(user: User, project: str, tenant: str) -> Tenant:
    """Return one tenant.

    :raises NotFound: when *user* may not view it
    """
    home = visible_project(user, project)
    rows = visible_tenants(user, home).select_related("project")
    return _one(rows.filter(slug=tenant))


def visible_target(
    user: User, project: str, tenant: str, environment: str
) -> TenantEnvironment:
    """Return one target.

    :raises NotFound: when *user* may not view it
    """
    rows = visible_targets(user, visible_project(user, project))
    return _one(rows.filter(tenant__slug=tenant, environment__slug=environment))


def visible_workload(user: User, project: str, workload: str) -> Workload:
    """Return one workload.

    :raises NotFound: when *user* may not view it
    """
    rows = visible_workloads(user, visible_project(user, project))
    return _one(rows.filter(name=workload))


def visible_members(user: User, project: Project) -> list[Member]:
    """Return what was granted on the places of the project that *user* may view."""
    return members_of(
        project, visible_environments(user, project), whole=sees_whole(user, project)
    )


def visible_member(user: User, project: str, member: str) -> Member:
    """Return what one person or group was granted in one place.

    :raises NotFound: when there is none of that id on what *user* may view
    """
    rows = visible_members(user, visible_project(user, project))
    found = next((row for row in rows if row.id == member), None)
    if found is None:
        raise NotFound
    return found


def sees_charts(user: User) -> bool:
    """Say whether *user* may look at the installation's charts: any member may."""
    return access.projects_visible_to(user).exists()


def _one(rows: QuerySet[RowT]) -> RowT:
    found = one_of(rows)
    if found is None:
        raise NotFound
    return found
