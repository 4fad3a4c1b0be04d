"""What cannot wait: for one person, and for each project's card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q
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


@dataclass(frozen=True, slots=True)
class Deployable:
    """An approved release, whether its target is frozen, and break-glass if any."""

    release: Release
    freeze: FreezeVerdict
    set_aside_until: datetime | None


@dataclass(frozen=True, slots=True)
class Needs:
    """Releases that wait for one person, at most ``SHOWN`` of a kind.

    ``failed``: deploys that nobody has dealt with. ``stale``: open ones that the person
    made. ``deployable``: approved ones that they may deploy, the oldest first; what a
    freeze holds back is among them, and says so.
    """

    failed: list[Release]
    stale: list[Release]
    deployable: list[Deployable]


def needs_of(user: User) -> Needs:
    """Return what waits for *user*: all releases in one query, one for all windows."""
    visible = releases_visible_to(user)
    places = access.environments_open_to(user, Permission.DEPLOY_RELEASE)
    stale = Q(author=user, is_stale=True, status__in=CANCELLABLE)
    ready = Q(status=Status.APPROVED, is_stale=False, target__environment__in=places)
    first = [
        visible.filter(condition).order_by(order).values("pk")[:SHOWN]
        for condition, order in (
            (unresolved_failures(), "-pk"),
            (stale, "-pk"),
            (ready, "pk"),
        )
    ]
    wanted = Q(pk__in=first[0]) | Q(pk__in=first[1]) | Q(pk__in=first[2])
    rows = list(visible.filter(wanted).order_by("-pk"))
    # Of three kinds no release is two: by its state, and by whether it is stale.
    return Needs(
        failed=[row for row in rows if row.status == Status.FAILED],
        stale=[row for row in rows if row.is_stale and row.status != Status.FAILED],
        deployable=_deployable(
            [
                row
                for row in reversed(rows)
                if row.status == Status.APPROVED and not row.is_stale
            ]
        ),
    )


def _deployable(rows: Sequence[Release]) -> list[Deployable]:
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
