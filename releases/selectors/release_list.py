"""The releases of a project as a filtered list."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from environments.models import Project
from gitopshq.core.models import User
from releases.models import CANCELLABLE, Release
from releases.selectors.finding import releases_visible_to


def filtered_releases(
    user: User, project: Project, *, chosen: Mapping[str, Any]
) -> QuerySet[Release]:
    """Return the releases of *project* that *user* may see.

    *chosen* holds state, tenant, environment, author (a part of the name) and stale,
    each empty where it does not matter.
    """
    rows = releases_visible_to(user).filter(project=project)
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
