"""Everything somebody may do in one project, read at once: for pages full of buttons.

What counts is asked again by each action; see ``access``.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BigIntegerField, F, QuerySet, Value

from environments.models import (
    Environment,
    EnvironmentGroupObjectPermission,
    EnvironmentUserObjectPermission,
    Project,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from environments.permissions import Permission
from gitopshq.core.models import User

_ON_PROJECT = 0


@dataclass(frozen=True, slots=True)
class Rights:
    """Codenames by the key of an environment; those on the whole project under 0."""

    held: Mapping[int, frozenset[str]] = field(default_factory=dict)
    is_superuser: bool = False

    def allow(
        self, permission: Permission, on: Environment | int | None = None
    ) -> bool:
        """Say whether *permission* is held on an environment, or on all of it."""
        if self.is_superuser and permission != Permission.APPROVE_RELEASE:
            return True
        key = on.pk if isinstance(on, Environment) else on
        places = (_ON_PROJECT,) if key is None else (_ON_PROJECT, key)
        return any(
            permission.codename in self.held.get(place, frozenset()) for place in places
        )

    def anywhere(self, permission: Permission) -> bool:
        """Say whether *permission* is held on the project or any environment."""
        return self.allow(permission) or any(
            permission.codename in codenames for codenames in self.held.values()
        )


def rights_in(user: User, project: Project) -> Rights:
    """Return what *user*, who may view *project*, holds there; one query."""
    rows = _rows(ProjectUserObjectPermission.objects.filter(user=user), project)
    others = (
        _rows(ProjectGroupObjectPermission.objects.filter(group__user=user), project),
        _rows(EnvironmentUserObjectPermission.objects.filter(user=user), project),
        _rows(
            EnvironmentGroupObjectPermission.objects.filter(group__user=user), project
        ),
    )
    held: dict[int, set[str]] = defaultdict(set)
    for place, codename in rows.union(*others, all=True):
        held[place].add(codename)
    return Rights(
        {place: frozenset(codenames) for place, codenames in held.items()},
        is_superuser=user.is_superuser,
    )


def _rows(grants: QuerySet[Any], project: Project) -> QuerySet[Any, Any]:
    if grants.model in (ProjectUserObjectPermission, ProjectGroupObjectPermission):
        whole = Value(_ON_PROJECT, output_field=BigIntegerField())
        placed = grants.filter(content_object=project).annotate(place=whole)
    else:
        here = grants.filter(content_object__project=project)
        placed = here.annotate(place=F("content_object_id"))
    rows: QuerySet[Any, Any] = placed.values_list("place", "permission__codename")
    return rows
