"""What cannot wait: for one person, and for each project's card."""

from django.db.models import Count, F, Q, QuerySet

from environments import access
from environments.permissions import Permission
from gitopshq.core.models import User
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


def deployable_releases(user: User) -> QuerySet[Release]:
    """Return approved releases that wait for *user* to deploy them."""
    places = access.environments_open_to(user, Permission.DEPLOY_RELEASE)
    return (
        releases_visible_to(user)
        .filter(status=Status.APPROVED, is_stale=False, target__environment__in=places)
        .order_by("pk")[:SHOWN]
    )


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
