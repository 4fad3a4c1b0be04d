"""Sending what waits to go out by e-mail: once for each lease, and never lost.

A delivery is written with what it tells. A worker claims it by a guarded update; one
that dies loses its lease, and the next sends the same mail, recognisable by its id.
"""

import hashlib
import smtplib
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from gitopshq.core import audit
from gitopshq.core.errors import InvalidState
from gitopshq.core.models import Delivery, DeliveryState, Notification, User, Way
from gitopshq.core.notices import BY_EVENT
from gitopshq.core.ringing import ring

LEASE: Final = timedelta(minutes=5)
"""Longer than any one conversation with a mail server lasts."""
MOST_ATTEMPTS: Final = 8
_BATCH: Final = 200
_FIRST_PAUSE: Final = timedelta(seconds=30)
_LONGEST_PAUSE: Final = timedelta(hours=6)
_LONGEST_ERROR: Final = 500
_PERMANENT: Final = 500
_REFUSED_LOGIN: Final = (smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused)


def send_soon() -> None:
    """Ring for a worker once the transaction is committed."""
    # By name: tasks import what they run.
    name = "core.send_deliveries"
    transaction.on_commit(lambda: ring(current_app.tasks[name]))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts failed."""
    return min(_FIRST_PAUSE * (1 << 2 * (attempts - 1)), _LONGEST_PAUSE)


def send_due() -> None:
    """Send the mails that are due now, over one connection."""
    if not settings.EMAIL_IS_ON:
        return
    connection = get_connection()
    outage = ""
    try:
        for pk in list(_due(timezone.now()).values_list("pk", flat=True)[:_BATCH]):
            delivery = claim(pk)
            if delivery is None:
                continue
            # Where nobody answers, one long wait is enough for all of them.
            outage = outage or _open(connection)
            if outage:
                _fail(delivery, outage)
            else:
                _send(delivery, connection)
    finally:
        connection.close()


def claim(pk: int) -> Delivery | None:
    """Take a delivery for as long as the lease lasts; ``None`` if it is not free."""
    now = timezone.now()
    taken = {"lease_until": now + LEASE, "attempts": F("attempts") + 1}
    if not _due(now).filter(pk=pk).update(**taken):
        return None
    delivery = Delivery.objects.select_related("notification__recipient").get(pk=pk)
    if delivery.attempts > MOST_ATTEMPTS:
        _bury(delivery, delivery.error or "nobody came to the end of sending it")
        return None
    recipient = delivery.notification.recipient
    if not (recipient.is_active and recipient.email):
        _bury(delivery, "the person cannot be reached by e-mail")
        return None
    return delivery


def message_of(delivery: Delivery) -> EmailMessage:
    """Return the mail; sent again, it is the same mail with the same id."""
    told = delivery.notification
    about = f"{told.project}: {told.title}" if told.project else told.title
    return EmailMessage(
        subject=" ".join(f"[GitOpsHQ] {about}".split()),
        body=_text(told),
        to=[told.recipient.email],
        headers={
            "Message-ID": _message_id(delivery),
            "Date": told.created_at.strftime("%a, %d %b %Y %H:%M:%S +0000"),
            "Auto-Submitted": "auto-generated",
        },
    )


@transaction.atomic
def send_again(delivery: Delivery, *, actor: User) -> None:
    """Have what was given up tried anew.

    :raises InvalidState: when it was not given up
    """
    given_up = Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.DEAD)
    if not given_up.update(
        state=DeliveryState.WAITING,
        attempts=0,
        next_try_at=timezone.now(),
        lease_until=None,
    ):
        raise InvalidState(noun="delivery", participle="sent again")
    audit.record("delivery.sent_again", delivery, actor=actor)
    send_soon()


def _due(now: datetime) -> QuerySet[Delivery]:
    is_free = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = Delivery.objects.filter(is_free, state=DeliveryState.WAITING)
    due = waiting.filter(way=Way.EMAIL, next_try_at__lte=now)
    return due.order_by("next_try_at", "pk")


def _open(connection: BaseEmailBackend) -> str:
    """Return why nothing can be sent at all; empty if something can."""
    try:
        connection.open()
    except OSError as failure:
        return _words(failure)
    return ""


def _send(delivery: Delivery, connection: BaseEmailBackend) -> None:
    try:
        connection.send_messages([message_of(delivery)])
    except (OSError, ValueError) as failure:
        # What the server makes of the next mail must not hang on this one.
        connection.close()
        if _is_final(failure):
            _bury(delivery, _words(failure))
        else:
            _fail(delivery, _words(failure))
        return
    # Without the fence: it went out, whoever holds the lease by now.
    Delivery.objects.filter(pk=delivery.pk, state=DeliveryState.WAITING).update(
        state=DeliveryState.SENT, sent_at=timezone.now(), lease_until=None, error=""
    )


def _fail(delivery: Delivery, error: str) -> None:
    if delivery.attempts >= MOST_ATTEMPTS:
        _bury(delivery, error)
        return
    _held(delivery).update(
        next_try_at=timezone.now() + pause_after(delivery.attempts),
        lease_until=None,
        error=error,
    )


def _bury(delivery: Delivery, error: str) -> None:
    _held(delivery).update(state=DeliveryState.DEAD, lease_until=None, error=error)


def _held(delivery: Delivery) -> QuerySet[Delivery]:
    """Return the row unless somebody else has claimed it since."""
    mine = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
    return mine.filter(state=DeliveryState.WAITING)


def _is_final(failure: Exception) -> bool:
    """Say whether the mail itself is refused, so that no later attempt can help."""
    if isinstance(failure, smtplib.SMTPRecipientsRefused):
        return all(code >= _PERMANENT for code, _ in failure.recipients.values())
    if isinstance(failure, smtplib.SMTPResponseException):
        is_login = isinstance(failure, _REFUSED_LOGIN)
        return failure.smtp_code >= _PERMANENT and not is_login
    return isinstance(failure, ValueError)


def _words(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"[:_LONGEST_ERROR]


def _text(told: Notification) -> str:
    notice = BY_EVENT.get(told.event)
    is_ours = told.url.startswith("/") and not told.url.startswith("//")
    why = f"You get this as {notice.audience}. " if notice else ""
    parts = [
        told.title,
        told.body,
        settings.BASE_URL + told.url if is_ours else "",
        f"-- \n{why}What you are told, and how, is yours to choose:\n"
        f"{settings.BASE_URL}{reverse('core:preferences')}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _message_id(delivery: Delivery) -> str:
    told = delivery.notification
    content = f"{told.pk} {told.created_at.isoformat()} {told.recipient_id}"
    digest = hashlib.sha256(f"{content} {delivery.way}".encode()).hexdigest()
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return f"<{digest[:32]}@{host}>"
