"""Telling people, in the transaction of what they are told.

Inside the product at once; what goes out by other ways is written down to be sent.
"""

from collections.abc import Iterable

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from gitopshq.core import mailing, preferences
from gitopshq.core.models import (
    Delivery,
    Notification,
    ServiceAccount,
    User,
    Way,
)

_TITLE_LIMIT = 255


def notify(
    recipients: Iterable[User],
    event: str,
    *,
    project: str,
    title: str,
    body: str = "",
    url: str = "",
) -> list[Notification]:
    """Tell each active person once, by the ways they want it.

    What concerns a service account is told to its owner. *event* is one of
    ``notices``, *project* a slug, *url* a path here. Never pass secrets.
    """
    assert connection.in_atomic_block, "tell what happened where it happened"
    people = {person.pk: person for person in _people(recipients) if person.is_active}
    if not people:
        return []
    wanted = preferences.ways_of(people, str(event), project=project)
    ways = {pk: wanted[pk] - _impossible(person) for pk, person in people.items()}
    told = Notification.objects.bulk_create(
        Notification(
            recipient=person,
            event=str(event),
            project=project,
            title=title[:_TITLE_LIMIT],
            body=body,
            url=url,
            is_shown=Way.IN_APP in ways[pk],
        )
        for pk, person in people.items()
        if ways[pk]
    )
    _send_out([row for row in told if Way.EMAIL in ways[row.recipient_id]])
    return told


def notifications_of(user: User, *, unread: bool = False) -> QuerySet[Notification]:
    """Return what *user* was told, or the part not read yet."""
    mine = Notification.objects.filter(recipient=user, is_shown=True)
    return mine.filter(read_at=None) if unread else mine


def projects_told_of(user: User) -> list[str]:
    """Return the projects that *user* was told something of."""
    mine = notifications_of(user).exclude(project="")
    return sorted(set(mine.order_by().values_list("project", flat=True).distinct()))


@transaction.atomic
def mark_read(notification: Notification, *, actor: User) -> Notification:
    """Note that *actor* has read it; the first time counts.

    :raises Notification.DoesNotExist: when it is somebody else's.
    """
    mine = Notification.objects.filter(recipient=actor)
    mine.filter(pk=notification.pk, read_at=None).update(read_at=timezone.now())
    return mine.get(pk=notification.pk)


@transaction.atomic
def mark_all_read(*, actor: User) -> int:
    """Note that *actor* has read everything; return how many that were."""
    unread = notifications_of(actor, unread=True)
    return unread.update(read_at=timezone.now())


def _people(recipients: Iterable[User]) -> list[User]:
    """Return *recipients* with the owners of service accounts in their place."""
    given = {person.pk: person for person in recipients}
    accounts = ServiceAccount.objects.filter(user__in=given).select_related("owner")
    owners = {account.user_id: account.owner for account in accounts}
    return [owners.get(pk, person) for pk, person in given.items()]


def _impossible(person: User) -> frozenset[str]:
    is_possible = settings.EMAIL_IS_ON and person.email
    return frozenset() if is_possible else frozenset({Way.EMAIL.value})


def _send_out(told: list[Notification]) -> None:
    if not told:
        return
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(notification=row, way=Way.EMAIL, next_try_at=now) for row in told
    )
    mailing.send_soon()
