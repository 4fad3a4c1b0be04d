"""Who holds what on a project and on its environments."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group

from environments.models import (
    Environment,
    EnvironmentGroupObjectPermission,
    EnvironmentUserObjectPermission,
    Project,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from environments.permissions import Permission, Role
from gitopshq.core.models import User

_BY_CODENAME = {permission.codename: permission for permission in Permission}


@dataclass(frozen=True, slots=True)
class Member:
    """What one person or group was granted on one place."""

    grantee: User | Group
    place: Project | Environment
    permissions: frozenset[Permission]

    @property
    def id(self) -> str:
        """A name of this row that stays: ``u7`` or ``g3e12``."""
        kind = "u" if isinstance(self.grantee, User) else "g"
        on = f"e{self.place.pk}" if isinstance(self.place, Environment) else ""
        return f"{kind}{self.grantee.pk}{on}"

    @property
    def role(self) -> Role | None:
        """The role that holds just these permissions, if any does."""
        return next((r for r in Role if r.permissions == self.permissions), None)

    @property
    def closest(self) -> Role | None:
        """The role that says most of it; None where the exceptions were more."""
        found = min(Role, key=lambda role: len(role.permissions ^ self.permissions))
        apart = found.permissions ^ self.permissions
        return found if len(apart) < len(self.permissions) else None


def members_of(
    project: Project, environments: Iterable[Environment], *, whole: bool
) -> list[Member]:
    """Return who was granted what on *environments* and, if *whole*, the project.

    Four queries; sorted by place, then people before groups, then name.
    """
    found: dict[tuple[str, int, str, int], set[Permission]] = defaultdict(set)
    people: dict[int, User] = {}
    groups: dict[int, Group] = {}
    places: dict[tuple[str, int], Project | Environment] = {
        ("e", environment.pk): environment for environment in environments
    }
    on = [place.pk for place in places.values()]
    if whole:
        places["", project.pk] = project
    by_user = (
        ("e", EnvironmentUserObjectPermission.objects.filter(content_object__in=on)),
        ("", ProjectUserObjectPermission.objects.filter(content_object=project)),
    )
    by_group = (
        ("e", EnvironmentGroupObjectPermission.objects.filter(content_object__in=on)),
        ("", ProjectGroupObjectPermission.objects.filter(content_object=project)),
    )
    for kind, rows in by_user:
        for row in rows.select_related("permission", "user"):
            people[row.user_id] = row.user
            key = (kind, row.content_object_id, "u", row.user_id)
            found[key].add(_BY_CODENAME[row.permission.codename])
    for kind, rows in by_group:
        for row in rows.select_related("permission", "group"):
            groups[row.group_id] = row.group
            key = (kind, row.content_object_id, "g", row.group_id)
            found[key].add(_BY_CODENAME[row.permission.codename])
    members = [
        Member(
            people[pk] if sort == "u" else groups[pk],
            places[kind, place],
            frozenset(permissions),
        )
        for (kind, place, sort, pk), permissions in found.items()
        if (kind, place) in places
    ]
    return sorted(members, key=_order)


def held_by(
    grantee: User | Group, place: Project | Environment
) -> frozenset[Permission]:
    """Return what *grantee* was granted on this very place, by no detour."""
    on_project = isinstance(place, Project)
    if isinstance(grantee, User):
        by_user = (
            ProjectUserObjectPermission
            if on_project
            else EnvironmentUserObjectPermission
        )
        rows = by_user.objects.filter(user=grantee, content_object=place)
    else:
        by_group = (
            ProjectGroupObjectPermission
            if on_project
            else EnvironmentGroupObjectPermission
        )
        rows = by_group.objects.filter(group=grantee, content_object=place)
    codenames = rows.values_list("permission__codename", flat=True)
    return frozenset(_BY_CODENAME[codename] for codename in codenames)


def _order(member: Member) -> tuple[object, ...]:
    place = member.place
    on = ("",) if isinstance(place, Project) else (place.slug,)
    if isinstance(member.grantee, User):
        return (*on, 0, member.grantee.username)
    return (*on, 1, member.grantee.name)
