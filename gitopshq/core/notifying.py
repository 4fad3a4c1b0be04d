"""Telling people inside the product, in the transaction of what they are told."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from gitopshq.core.models import Notification, User

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
    """Tell each active person once. *project* is a slug, *url* a path here."""
    assert connection.in_atomic_block, "tell what happened where it happened"
    people = {person.pk: person for person in recipients if person.is_active}
    return Notification.objects.bulk_create(
        Notification(
            recipient=person,
            event=str(event),
            project=project,
            title=title[:_TITLE_LIMIT],
            body=body,
            url=url,
        )
        for person in people.values()
    )


def notifications_of(user: User, *, unread: bool = False) -> QuerySet[Notification]:
    """Return what *user* was told, or the part not read yet."""
    mine = Notification.objects.filter(recipient=user)
    return mine.filter(read_at=None) if unread else mine


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
