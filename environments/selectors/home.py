"""A project as one person sees it: its places, and what they may do in each.

For pages: everything is read once, and nothing more than is asked for.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import TypeVar

from environments.models import (
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    Workload,
)
from environments.permissions import Permission
from environments.selectors import visible
from environments.selectors.rights import Rights, rights_in
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User

RowT = TypeVar("RowT")


class Home:
    """What *user* may view of a project.

    :raises NotFound: when that is nothing
    """

    def __init__(self, user: User, slug: str) -> None:
        self.user = user
        self.project: Project = visible.visible_project(user, slug)

    @cached_property
    def rights(self) -> Rights:
        return rights_in(self.user, self.project)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is seen, not single environments alone."""
        return self.may(Permission.VIEW_RELEASE)

    def may(self, permission: Permission, on: Environment | int | None = None) -> bool:
        """Say whether *permission* is held on an environment, or on the project."""
        return self.rights.allow(permission, on)

    @cached_property
    def environments(self) -> list[Environment]:
        """Environments by rank, archived ones too."""
        rows = Environment.objects.filter(project=self.project).order_by("rank", "pk")
        seen = [row for row in rows if self.may(Permission.VIEW_RELEASE, row)]
        for row in seen:
            row.project = self.project
        return seen

    @cached_property
    def targets(self) -> list[TenantEnvironment]:
        """Targets by tenant, then by the rank of their environment."""
        rows = TenantEnvironment.objects.filter(project=self.project)
        found = []
        for row in rows.select_related("tenant", "environment"):
            if self.may(Permission.VIEW_RELEASE, row.environment_id):
                row.project = row.tenant.project = self.project
                row.environment.project = self.project
                found.append(row)
        return sorted(found, key=_order)

    @cached_property
    def stages(self) -> list[Environment]:
        """The environments that have a target, by rank."""
        found = {row.environment_id: row.environment for row in self.targets}
        return sorted(found.values(), key=lambda row: (row.rank, row.pk))

    @cached_property
    def live_targets(self) -> list[TenantEnvironment]:
        """Those that still take edits."""
        return [
            target
            for target in self.targets
            if not (target.tenant.archived_at or target.environment.archived_at)
        ]

    @cached_property
    def tenants(self) -> list[Tenant]:
        """Tenants by slug: all, or those with a target that is seen."""
        if not self.is_whole:
            found = {target.tenant_id: target.tenant for target in self.targets}
            return sorted(found.values(), key=lambda tenant: tenant.slug)
        rows = list(Tenant.objects.filter(project=self.project).order_by("slug"))
        for row in rows:
            row.project = self.project
        return rows

    def environment(self, slug: str) -> Environment:
        """Return an environment.

        :raises NotFound: when it may not be viewed
        """
        return _one(row for row in self.environments if row.slug == slug)

    def tenant(self, slug: str) -> Tenant:
        """Return a tenant.

        :raises NotFound: when it may not be viewed
        """
        return _one(row for row in self.tenants if row.slug == slug)

    def target(self, tenant: str, environment: str) -> TenantEnvironment:
        """Return a target.

        :raises NotFound: when it may not be viewed
        """
        name = f"{tenant}/{environment}"
        return _one(row for row in self.targets if str(row) == name)

    def workload(self, name: str) -> Workload:
        """Return a workload with its chart.

        :raises NotFound: when it may not be viewed
        """
        rows = Workload.objects.filter(project=self.project, name=name)
        if not self.is_whole:
            seen = [target.pk for target in self.targets]
            rows = rows.filter(bindings__target__in=seen).distinct()
        workload: Workload = _one(rows.select_related("chart_version__chart"))
        workload.project = self.project
        return workload


def _order(target: TenantEnvironment) -> tuple[str, int, int]:
    return target.tenant.slug, target.environment.rank, target.environment_id


def _one(rows: Iterable[RowT]) -> RowT:
    for row in rows:
        return row
    raise NotFound
