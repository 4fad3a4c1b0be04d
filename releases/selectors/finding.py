"""Finding what a person may see; everything else is as if it were not there."""

import re
from typing import Final

from django.db.models import QuerySet

from environments import access
from environments.models import TenantEnvironment
from environments.permissions import Permission
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from gitopshq.core.rows import one_of
from releases.following import SHOWN, UNREAD, as_one
from releases.models import Release

_NAME: Final = re.compile(r"R-([1-9]\d{0,8})")


def releases_visible_to(user: User) -> QuerySet[Release]:
    """Return the releases *user* may view, with what a list shows of them."""
    return (
        releases_open_to(user)
        .select_related(
            "project",
            "target__tenant",
            "target__environment",
            "target__project",
            "author__service_account",
            "deployed_by",
            "cancelled_by",
            "rendering",
            "base_release",
            "rolled_back_by",
            "rollback_to",
        )
        .defer("rendering__state_document")
    )


def releases_open_to(user: User) -> QuerySet[Release]:
    """Return the releases *user* may view, without what lists show of them."""
    seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
    return Release.objects.filter(target__environment__in=seen)


def visible_release(user: User, *, project: str, number: int) -> Release:
    """Return one release with what its page follows.

    :raises NotFound: when there is none, or *user* may not view it
    """
    found = one_of(whole(user).filter(project__slug=project, number=number))
    if found is None:
        raise NotFound
    return as_one(found)


def whole(user: User) -> QuerySet[Release]:
    """Return the releases *user* may view, with all that a page of one tells.

    Of their surroundings too; each is to be taken ``as_one``.
    """
    beside = (
        "deployed_by",
        "cancelled_by",
        "rolled_back_by",
        "rollback_to",
        "evidence__verified_by",
        "evidence__closed_by",
    )
    found = releases_open_to(user).select_related(*SHOWN, *beside)
    return found.defer(
        "evidence__document", "base_release__rendering__state_document", *UNREAD
    )


def visible_target(
    user: User, *, project: str, tenant: str, environment: str
) -> TenantEnvironment:
    """Return one target.

    :raises NotFound: when there is none, or *user* may not view it
    """
    rows = targets_at(user, project=project, tenant=tenant, environment=environment)
    found = one_of(rows.select_related("project", "tenant", "environment"))
    if found is None:
        raise NotFound
    return found


def targets_at(
    user: User, *, project: str, tenant: str, environment: str
) -> QuerySet[TenantEnvironment]:
    """Return the target of that name, or nothing where *user* may not view it."""
    return access.targets_open_to(user, Permission.VIEW_RELEASE).filter(
        project__slug=project, tenant__slug=tenant, environment__slug=environment
    )


def number_named(name: str) -> int | None:
    """Return the number of a release called ``R-42``, None for other words."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None
