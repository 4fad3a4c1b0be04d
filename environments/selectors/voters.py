"""Who holds the vote in which environment: many environments at once."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import F, QuerySet

from environments.models import (
    EnvironmentGroupObjectPermission,
    EnvironmentUserObjectPermission,
    ProjectGroupObjectPermission,
    ProjectUserObjectPermission,
)
from environments.permissions import Permission

_RIGHTS = {"permission__codename": Permission.APPROVE_RELEASE.codename}


def voters_in(environments: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the keys of who may vote, by the key of the environment; one query.

    The same people as ``access.holders_of``: active, and no service accounts.
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
    found: dict[int, set[int]] = defaultdict(set)
    for environment, person in parts[0].union(*parts[1:]):
        found[environment].add(person)
    return {key: frozenset(people) for key, people in found.items()}


def _rows(grants: QuerySet[Any], place: F, person: str) -> QuerySet[Any, Any]:
    active = {f"{person}__is_active": True, f"{person}__service_account": None}
    rows: QuerySet[Any, Any] = (
        grants.filter(**active)
        .annotate(place=place, person=F(person))
        .values_list("place", "person")
    )
    return rows
