"""Telling people, inside the product. In the transaction of what they are told of."""

from collections.abc import Iterable

from gitopshq.core.models import Notification, User


def notify(
    recipients: Iterable[User],
    event: str,
    *,
    project: str,
    title: str,
    body: str = "",
    url: str = "",
) -> None:
    """Leave one message for each person, once, however often they are named."""
    people = {person.pk: person for person in recipients}
    Notification.objects.bulk_create(
        Notification(
            recipient=person,
            event=str(event),
            project=project,
            title=title[:255],
            body=body,
            url=url,
        )
        for person in people.values()
    )
