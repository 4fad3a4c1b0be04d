"""Who may do what where: the one place that asks guardian's rows.

A grant on a project covers all its environments. What may be seen is decided at the
door by the ``…_visible_to`` querysets, what may be done by ``require`` in the action.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Permission as GlobalPermission
from django.db.models import Exists, Func, OuterRef, Q, QuerySet

from environments import granted
from environments.models import (
    Environment,
    EnvironmentGroupObjectPermission,
    EnvironmentUserObjectPermission,
    Project,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
    TenantEnvironment,
)
from environments.permissions import CREATE_PROJECT, Permission
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import User

Place = Project | Environment | TenantEnvironment
"""Where a permission is asked for; that of a target is that of its environment."""


@dataclass(frozen=True, slots=True)
class Within:
    """Somewhere: in a project or one of its environments; without one, anywhere."""

    project: Project | None


Wider = Place | Within

_NONE = Q(pk__in=())
_ALL = ~_NONE


def allowed(user: User, permission: Permission, *, on: Wider) -> bool:
    """Say whether *user* holds *permission* there, in one query or two."""
    if isinstance(on, Within):
        projects = projects_open_to(user, permission)
        environments = environments_open_to(user, permission)
        if on.project is not None:
            projects = projects.filter(pk=on.project.pk)
            environments = environments.filter(project=on.project)
        return projects.exists() or environments.exists()
    if isinstance(on, Project):
        return projects_open_to(user, permission).filter(pk=on.pk).exists()
    pk = on.environment_id if isinstance(on, TenantEnvironment) else on.pk
    return environments_open_to(user, permission).filter(pk=pk).exists()


def require(user: User | None, permission: Permission, *, on: Place) -> None:
    """Raise ``NotPermitted`` unless *user* holds *permission* there.

    ``None`` is the system itself (a command on the server, a worker): it may.
    """
    if user is not None and not allowed(user, permission, on=on):
        raise NotPermitted(permission=permission.value)


def require_to_create_projects(user: User | None) -> None:
    """Raise ``NotPermitted`` without the global permission ``projects.create``."""
    if user is not None and not may_create_projects(user):
        raise NotPermitted(permission="projects.create")


def require_superuser(user: User | None) -> None:
    """Raise ``NotPermitted`` for whoever does not run the installation."""
    if user is not None and not (user.is_superuser and is_in_service(user)):
        raise NotPermitted(permission="superuser")


def may_create_projects(user: User) -> bool:
    """Say whether *user* may make projects."""
    if not is_in_service(user):
        return False
    if user.is_superuser:
        return True
    app, _, name = CREATE_PROJECT.partition(".")
    named = GlobalPermission.objects.filter(content_type__app_label=app, codename=name)
    return named.filter(Q(user=user) | Q(group__user=user)).exists()


def projects_open_to(user: User, permission: Permission) -> QuerySet[Project]:
    """Return the projects on whose whole *user* holds *permission*."""
    return Project.objects.filter(open_whole(user, permission, "pk"))


def environments_open_to(user: User, permission: Permission) -> QuerySet[Environment]:
    """Return the environments in which *user* holds *permission*."""
    return Environment.objects.filter(open_in(user, permission, "pk"))


def targets_open_to(user: User, permission: Permission) -> QuerySet[TenantEnvironment]:
    """Return the targets in whose environment *user* holds *permission*."""
    return TenantEnvironment.objects.filter(open_in(user, permission, "environment"))


def open_whole(user: User, permission: Permission, project: str) -> Q:
    """Return the condition that *user* holds *permission* on the whole project.

    :param project: the path from a row to its project
    """
    return _open(user, permission, granted.on_project, project)


def open_in(user: User, permission: Permission, environment: str) -> Q:
    """Return the condition that *user* holds *permission* in the environment.

    :param environment: the path from a row to its environment
    """
    return _open(user, permission, granted.in_environment, environment)


def _open(
    user: User,
    permission: Permission,
    was_granted: Callable[[User, Permission, str], Func],
    place: str,
) -> Q:
    if _holds_everything(user, permission):
        return _ALL
    if not is_in_service(user):
        return _NONE
    return Q(was_granted(user, permission, place))


def projects_visible_to(user: User) -> QuerySet[Project]:
    """Return the projects *user* may view as a whole or one environment of.

    Who views one environment only is shown the project's name and that environment.
    """
    seen = environments_open_to(user, Permission.VIEW_RELEASE)
    return Project.objects.filter(
        open_whole(user, Permission.VIEW_RELEASE, "pk")
        | Q(Exists(seen.filter(project=OuterRef("pk"))))
    )


def project_exists(slug: str) -> bool:
    """Say whether there is a project of that slug; for whom is not asked."""
    return Project.objects.filter(slug=slug).exists()


def projects_seen_by(user: User) -> set[str]:
    """Return the slugs of the projects *user* may view, in part or as a whole."""
    return set(projects_visible_to(user).values_list("slug", flat=True))


def projects_of_trail(user: User) -> set[str]:
    """Return the slugs of the projects whose audit trail *user* may read."""
    rows = projects_open_to(user, Permission.VIEW_AUDIT)
    return set(rows.values_list("slug", flat=True))


def holders_of(permission: Permission, environment: Environment) -> QuerySet[User]:
    """Return the people who hold *permission* in *environment*.

    People are active and no service accounts. A superuser holds everything but the
    vote, ``releases.approve``, which counts only when granted.
    """
    people = User.objects.filter(is_active=True, service_account__isnull=True)
    return people.filter(held_in(permission, environment))


def held_in(permission: Permission, environment: Environment) -> Q:
    """Return the condition that an account was granted *permission* there.

    It holds of superusers too, but for the vote; whether they are active and people
    is not asked.
    """
    rights = {"permission__codename": permission.codename}
    here = {"content_object": environment.pk, **rights}
    above = held_on_project_of(permission, environment)
    users = EnvironmentUserObjectPermission.objects.filter(**here)
    groups = EnvironmentGroupObjectPermission.objects.filter(**here)
    return Q(pk__in=users.values("user")) | _in_groups(groups) | above


def held_on_project_of(permission: Permission, environment: Environment) -> Q:
    """Return the condition that an account was granted it on the whole project."""
    above = {
        "content_object": environment.project_id,
        "permission__codename": permission.codename,
    }
    users = ProjectUserObjectPermission.objects.filter(**above)
    groups = ProjectGroupObjectPermission.objects.filter(**above)
    held = Q(pk__in=users.values("user")) | _in_groups(groups)
    if permission != Permission.APPROVE_RELEASE:
        held |= Q(is_superuser=True)
    return held


def _in_groups(grants: QuerySet[Any]) -> Q:
    members = User.groups.through.objects.filter(group__in=grants.values("group"))
    return Q(pk__in=members.values("user"))


def _holds_everything(user: User, permission: Permission) -> bool:
    # The vote of a superuser counts only when granted (domain 11).
    voting = permission == Permission.APPROVE_RELEASE
    return user.is_superuser and not voting and is_in_service(user)


def is_in_service(user: User) -> bool:
    """Say whether *user* is active, and for a service account its owner as well."""
    if not user.is_active:
        return False
    account = getattr(user, "service_account", None)
    return account is None or bool(account.owner.is_active)
