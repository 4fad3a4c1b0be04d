"""How far targets are behind the first environment of their tenant, in releases.

What a full rollback undid, and the rollback itself, do not count; a target that runs
one is as old as what it went back to.
"""

from typing import Final

from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from environments.models import Environment, TenantEnvironment
from releases.models import Release, RollbackScope, Status

_DEPLOYED: Final = "deployed__deployed_at"
_WENT_BACK_TO: Final = "deployed__release__rollback_to__deployed_at"
_WENT_BACK: Final = Q(deployed__release__rollback_scope=RollbackScope.FULL)


def with_skew(
    targets: QuerySet[TenantEnvironment], first: Environment
) -> QuerySet[TenantEnvironment]:
    """Annotate ``behind``: releases deployed to *first* since a target's own last one.

    Null for targets of *first*, and for those that run nothing.
    """
    return targets.annotate(
        behind=Case(
            When(Q(environment=first) | Q(deployed=None), then=Value(None)),
            When(_WENT_BACK, then=_count(_newer(first, than=_WENT_BACK_TO))),
            default=_count(_newer(first, than=_DEPLOYED)),
            output_field=IntegerField(),
        ),
    )


def is_behind(first: Environment) -> Q:
    """Return the condition: a target runs something, and *first* something newer."""
    newer = Q(~_WENT_BACK, Exists(_newer(first, than=_DEPLOYED)))
    newer |= Q(_WENT_BACK, Exists(_newer(first, than=_WENT_BACK_TO)))
    return newer & ~Q(environment=first) & ~Q(deployed=None)


def _newer(first: Environment, *, than: str) -> QuerySet[Release]:
    """Return the releases of a target's tenant in *first* that came later."""
    return Release.objects.filter(
        target__environment=first,
        target__tenant=OuterRef("tenant"),
        status=Status.DEPLOYED,
        deployed_at__gt=OuterRef(than),
    ).exclude(rollback_scope=RollbackScope.FULL)


def _count(releases: QuerySet[Release]) -> Coalesce:
    counted = releases.order_by().values("target").annotate(count=Count("pk"))
    return Coalesce(Subquery(counted.values("count")), 0)
