"""Which rows one may look at, in all projects: for a search, and for each project.

Who may view one environment only is shown the project's name, that environment, and
of tenants, workloads and variables what reaches it.
"""

from django.db.models import Exists, OuterRef, Q, QuerySet

from environments import access
from environments.models import (
    Edit,
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    Variable,
    VariableScope,
    Workload,
)
from environments.permissions import Permission
from gitopshq.core.models import User


class Everywhere:
    """What one person may view; nothing is asked before a row is wanted."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._in_whole = access.open_whole(user, Permission.VIEW_RELEASE, "project")
        self._seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
        self._reached = access.targets_open_to(user, Permission.VIEW_RELEASE)

    @property
    def projects(self) -> QuerySet[Project]:
        """Projects, seen as a whole or in part."""
        return access.projects_visible_to(self._user)

    @property
    def environments(self) -> QuerySet[Environment]:
        """Environments, with their projects."""
        return self._seen.select_related("project")

    @property
    def targets(self) -> QuerySet[TenantEnvironment]:
        """Targets, with all that names them."""
        return self._reached.select_related("project", "tenant", "environment")

    @property
    def tenants(self) -> QuerySet[Tenant]:
        """Tenants, with their projects."""
        reached = Exists(self._reached.filter(tenant=OuterRef("pk")))
        return Tenant.objects.filter(self._in_whole | Q(reached)).select_related(
            "project"
        )

    @property
    def workloads(self) -> QuerySet[Workload]:
        """Workloads, with their projects and charts."""
        bound = Exists(self._reached.filter(workload_bindings__workload=OuterRef("pk")))
        return Workload.objects.filter(self._in_whole | Q(bound)).select_related(
            "project", "chart_version__chart"
        )

    @property
    def variables(self) -> QuerySet[Variable]:
        """Variables of every scope, with what names their place."""
        return Variable.objects.filter(
            self._in_whole
            | Q(scope=VariableScope.REPO, project__in=self.projects)
            | Q(environment__in=self._seen)
            | Q(tenant__in=self._reached.values("tenant"))
            | Q(target__in=self._reached)
        ).select_related(
            "project",
            "environment",
            "tenant",
            "workload",
            "target__tenant",
            "target__environment",
        )

    @property
    def edits(self) -> QuerySet[Edit]:
        """Edits of projects of which one may view every environment."""
        hidden = Environment.objects.exclude(pk__in=self._seen.values("pk"))
        return (
            Edit.objects.filter(self._in_whole)
            .exclude(project__in=hidden.values("project"))
            .select_related("project", "actor")
        )
