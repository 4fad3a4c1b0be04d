"""Giving and taking rights, to people and groups, on a project or an environment.

Nobody grants to themselves, to a service account of theirs, or to a group that they
are in.
"""

from collections.abc import Collection

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q
from guardian.shortcuts import assign_perm, remove_perm

from environments.access import require
from environments.actions._begin import begin
from environments.events import Event
from environments.models import Environment, Project
from environments.permissions import Permission, Role
from environments.selectors.members import Member, held_by
from gitopshq.core import audit
from gitopshq.core.errors import NotPermitted, ValidationError
from gitopshq.core.models import User

Grantee = User | Group


class GrantToOneself(NotPermitted):
    """Rights come from somebody else."""

    message = "nobody grants rights to themselves or to a group they are in"


@transaction.atomic
def grant_role(
    place: Project | Environment, *, to: Grantee, role: Role, actor: User | None
) -> frozenset[Permission]:
    """Grant what *role* holds, on top of what *to* holds there already.

    :returns: all that *to* now holds there
    :raises NotPermitted: without ``projects.manage``, or to oneself
    """
    return _grant(place, to, role.permissions, actor, role=str(role.value))


@transaction.atomic
def grant_permissions(
    place: Project | Environment,
    *,
    to: Grantee,
    permissions: Collection[Permission],
    actor: User | None,
) -> frozenset[Permission]:
    """Grant single permissions, on top of what *to* holds there already.

    :returns: all that *to* now holds there
    :raises NotPermitted: without ``projects.manage``, or to oneself
    """
    if not permissions:
        raise ValidationError.of("/permissions", "name at least one", code="blank")
    return _grant(place, to, frozenset(permissions), actor)


@transaction.atomic
def grant_to_member(
    place: Project | Environment,
    *,
    actor: User | None,
    user: str | None = None,
    group: str | None = None,
    role: str | None = None,
    permissions: Collection[str] | None = None,
) -> Member:
    """Grant a role or permissions to one user or group, all by their names.

    :raises NotPermitted: without ``projects.manage``, or to oneself
    :raises ValidationError: when there is nobody of that name, or not one of each two
    """
    require(actor, Permission.MANAGE_PROJECT, on=place)
    if (user is None) == (group is None):
        raise ValidationError.of("/user", "name either a user or a group")
    if (role is None) == (permissions is None):
        raise ValidationError.of("/role", "name either a role or permissions")
    to: Grantee | None
    if user is not None:
        to = User.objects.filter(username=user).first()
    else:
        to = Group.objects.filter(name=group).first()
    if to is None:
        pointer = "/user" if user is not None else "/group"
        raise ValidationError.of(pointer, "there is nobody of that name")
    if role is not None:
        held = grant_role(place, to=to, role=Role(role), actor=actor)
    else:
        chosen = [Permission(name) for name in permissions or ()]
        held = grant_permissions(place, to=to, permissions=chosen, actor=actor)
    return Member(to, place, held)


@transaction.atomic
def revoke_access(
    place: Project | Environment,
    *,
    of: Grantee,
    actor: User | None,
    permissions: Collection[Permission] | None = None,
) -> frozenset[Permission]:
    """Take away *permissions*, or all that *of* holds on this very place.

    :returns: what was taken
    :raises NotPermitted: without ``projects.manage``
    """
    project, place = _locked(place)
    require(actor, Permission.MANAGE_PROJECT, on=place)
    before = held_by(of, place)
    taken = before if permissions is None else before & frozenset(permissions)
    for permission in sorted(taken):
        remove_perm(permission.codename, of, place)
    if taken:
        audit.record(
            Event.ACCESS_REVOKED,
            place,
            actor=actor,
            project=project.slug,
            before=_names(before),
            after=_names(before - taken),
            grantee=_described(of),
        )
    return taken


@transaction.atomic
def grant_to_creator(project: Project, *, actor: User) -> None:
    """Make whoever created *project* its maintainer. Part of creating it."""
    for permission in sorted(Role.MAINTAINER.permissions):
        assign_perm(permission.codename, actor, project)
    audit.record(
        Event.ACCESS_GRANTED,
        project,
        actor=None,
        project=project.slug,
        after=_names(Role.MAINTAINER.permissions),
        grantee=_described(actor),
        role=Role.MAINTAINER.value,
    )


def _grant(
    place: Project | Environment,
    to: Grantee,
    permissions: Collection[Permission],
    actor: User | None,
    **said: str,
) -> frozenset[Permission]:
    project, place = _locked(place)
    require(actor, Permission.MANAGE_PROJECT, on=place)
    if actor is not None and _is_of(actor, to):
        raise GrantToOneself
    before = held_by(to, place)
    new = frozenset(permissions) - before
    for permission in sorted(new):
        assign_perm(permission.codename, to, place)
    if new:
        audit.record(
            Event.ACCESS_GRANTED,
            place,
            actor=actor,
            project=project.slug,
            before=_names(before),
            after=_names(before | new),
            grantee=_described(to),
            **said,
        )
    return before | new


def _locked(place: Project | Environment) -> tuple[Project, Project | Environment]:
    if isinstance(place, Project):
        project = begin(place)
        return project, project
    return begin(place.project), Environment.objects.get(pk=place.pk)


def _is_of(actor: User, grantee: Grantee) -> bool:
    """Say whether a grant to *grantee* would be one to *actor*."""
    person = _person(actor)
    if isinstance(grantee, User):
        return _person(grantee) == person
    mine = Q(pk=person.pk) | Q(service_account__owner=person)
    return User.objects.filter(mine, groups=grantee).exists()


def _person(user: User) -> User:
    account = getattr(user, "service_account", None)
    return user if account is None else account.owner


def _names(permissions: Collection[Permission]) -> list[str]:
    return sorted(permission.value for permission in permissions)


def _described(grantee: Grantee) -> dict[str, str]:
    if isinstance(grantee, User):
        return {"user": grantee.username}
    return {"group": grantee.name}
