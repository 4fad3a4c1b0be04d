"""The releases of a project as a filtered list."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q, QuerySet

from environments import access
from environments.models import Project
from environments.permissions import Permission
from gitopshq.core.models import User
from releases.models import CANCELLABLE, Release

_SHOWN: Final = (
    *("number", "title", "status", "is_stale", "failure_type", "created_at"),
    *("project_id", "target__tenant__slug", "target__environment__slug"),
    *("author__username", "author__display_name"),
    *("author__first_name", "author__last_name"),
)


def filtered_releases(
    user: User, project: Project, *, chosen: Mapping[str, Any]
) -> QuerySet[Release]:
    """Return the releases of *project* that *user* may see, with what a row tells.

    *chosen* holds state, tenant, environment, author (a part of the name) and stale,
    each empty where it does not matter.
    """
    # Places first: where few releases are theirs, rights need not be asked of each.
    seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
    rows: QuerySet[Release] = (
        project.releases.filter(target__environment__in=seen.filter(project=project))
        .select_related("target__tenant", "target__environment", "author")
        .only(*_SHOWN)
    )
    exact = {
        "status": chosen.get("state"),
        "target__tenant__slug": chosen.get("tenant"),
        "target__environment__slug": chosen.get("environment"),
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if author := chosen.get("author"):
        rows = rows.filter(
            Q(author__username__icontains=author)
            | Q(author__display_name__icontains=author)
        )
    if chosen.get("stale"):
        rows = rows.filter(is_stale=True, status__in=CANCELLABLE)
    return rows
