"""A project as its pages open it: found once, with what the reader may there."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from environments import access
from environments.models import Project, Workload
from environments.permissions import Permission
from environments.selectors import visible_workloads
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User


@dataclass(frozen=True, slots=True)
class ProjectHome:
    """A project, whether its reader sees all of it, and manages all of it.

    ``services`` counts the workloads that they see.
    """

    project: Project
    is_whole: bool
    is_managed: bool
    services: int


def project_home(user: User, slug: str) -> ProjectHome:
    """Return the project of that slug.

    :raises NotFound: when *user* may see nothing of it
    """
    here = {"pk": OuterRef("pk")}
    views, manages = (
        access.projects_open_to(user, permission).filter(**here)
        for permission in (Permission.VIEW_RELEASE, Permission.MANAGE_ENVIRONMENT)
    )
    services = (
        Workload.objects.filter(project=OuterRef("pk"), archived_at=None)
        .order_by()
        .values("project")
        .annotate(count=Count("pk"))
        .values("count")
    )
    found = (
        access.projects_visible_to(user)
        .filter(slug=slug)
        .annotate(
            is_whole=Exists(views),
            is_managed=Exists(manages),
            services=Coalesce(Subquery(services), 0),
        )
        .first()
    )
    if found is None:
        raise NotFound
    facts: Any = found
    count = facts.services
    if not facts.is_whole:
        count = visible_workloads(user, found).filter(archived_at=None).count()
    return ProjectHome(found, facts.is_whole, facts.is_managed, count)
