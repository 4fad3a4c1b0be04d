"""What cannot wait: for one person, and for each project's card."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from environments import access
from environments.freezing import FreezeVerdict
from environments.permissions import Permission
from environments.selectors import freezes_of
from gitopshq.core.models import User
from releases.glass import open_glasses
from releases.models import CANCELLABLE, Release, Status
from releases.selectors.finding import releases_visible_to

SHOWN = 20


def unresolved_failures() -> Q:
    """Return the condition: failed, not made anew, and not overtaken by another."""
    overtaken = Q(target__deployed__release__number__gt=F("number"))
    return Q(status=Status.FAILED, recreations=None) & ~overtaken


def stale_releases_of(user: User) -> QuerySet[Release]:
    """Return the open releases that *user* made and that went stale."""
    return (
        releases_visible_to(user)
        .filter(author=user, is_stale=True, status__in=CANCELLABLE)
        .order_by("-pk")[:SHOWN]
    )


def failed_releases(user: User) -> QuerySet[Release]:
    """Return the failed deploys that *user* may see and nobody has dealt with."""
    return (
        releases_visible_to(user).filter(unresolved_failures()).order_by("-pk")[:SHOWN]
    )


@dataclass(frozen=True, slots=True)
class Deployable:
    """An approved release, whether its target is frozen, and break-glass if any."""

    release: Release
    freeze: FreezeVerdict
    set_aside_until: datetime | None


def deployable_releases(user: User) -> list[Deployable]:
    """Return approved releases that wait for *user* to deploy them.

    What a freeze holds back is among them, and says so: one query for all windows.
    """
    places = access.environments_open_to(user, Permission.DEPLOY_RELEASE)
    rows = list(
        releases_visible_to(user)
        .filter(status=Status.APPROVED, is_stale=False, target__environment__in=places)
        .order_by("pk")[:SHOWN]
    )
    now = timezone.now()
    freezes = freezes_of([row.target for row in rows], at=now)
    frozen = [row for row in rows if freezes[row.target_id].is_frozen]
    glasses = open_glasses(frozen, now) if frozen else {}
    return [
        Deployable(
            row,
            freezes[row.target_id],
            glasses[row.pk].expires_at if row.pk in glasses else None,
        )
        for row in rows
    ]


def attention_by_project(user: User) -> dict[int, int]:
    """Return, by project, how many visible releases failed, are stale or wait."""
    rows = (
        Release.objects.filter(
            unresolved_failures()
            | Q(status__in=CANCELLABLE, is_stale=True)
            | Q(status=Status.PENDING_APPROVAL),
            target__environment__in=access.environments_open_to(
                user, Permission.VIEW_RELEASE
            ),
        )
        .order_by()
        .values_list("project")
        .annotate(count=Count("pk", distinct=True))
    )
    return dict(rows)
