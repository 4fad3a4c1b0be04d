"""Who holds the vote in which environment: many environments at once."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import F, QuerySet

from environments.models import (
    EnvironmentGroupObjectPermission,
    EnvironmentUserObjectPermission,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from environments.permissions import Permission
from gitopshq.core.models import User

_NAMED: Final = ("id", "username", "first_name", "last_name", "display_name")
_RIGHTS: Final = {"permission__codename": Permission.APPROVE_RELEASE.codename}


def voters_in(environments: Collection[int]) -> dict[int, dict[int, User]]:
    """Return who may vote, in the order of user names; one query.

    By the key of the environment, then by the person's. They are the same people as
    ``access.holders_of``: active, and no service accounts. What names them is read.
    """
    if not environments:
        return {}
    keys = list(environments)
    here = {"content_object__in": keys, **_RIGHTS}
    above = {"content_object__environments__in": keys, **_RIGHTS}
    own, whole = F("content_object_id"), F("content_object__environments")
    by_user, by_group = "user", "group__user"
    parts = [
        _rows(EnvironmentUserObjectPermission.objects.filter(**here), own, by_user),
        _rows(EnvironmentGroupObjectPermission.objects.filter(**here), own, by_group),
        _rows(ProjectUserObjectPermission.objects.filter(**above), whole, by_user),
        _rows(ProjectGroupObjectPermission.objects.filter(**above), whole, by_group),
    ]
    people: dict[int, User] = {}
    found: dict[int, dict[int, User]] = defaultdict(dict)
    for environment, *named in sorted(parts[0].union(*parts[1:]), key=_by_name):
        person = User.from_db(DEFAULT_DB_ALIAS, _NAMED, named)
        found[environment][person.pk] = people.setdefault(person.pk, person)
    return dict(found)


def _rows(grants: QuerySet[Any], place: F, person: str) -> QuerySet[Any, Any]:
    active = {f"{person}__is_active": True, f"{person}__service_account": None}
    named = {f"person_{name}": F(f"{person}__{name}") for name in _NAMED}
    rows: QuerySet[Any, Any] = (
        grants.filter(**active)
        .annotate(place=place, **named)
        .values_list("place", *named)
    )
    return rows


def _by_name(row: tuple[Any, ...]) -> str:
    return str(row[1 + _NAMED.index("username")])
