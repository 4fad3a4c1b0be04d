"""What goes out by mail: once for each lease, never lost, given up in the end."""

import re
import smtplib
from datetime import timedelta
from email import message_from_string

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.test import Client
from django.utils import timezone

from gitopshq.celery import app
from gitopshq.core import mailing, tasks
from gitopshq.core.errors import InvalidState
from gitopshq.core.models import AuditEntry, Delivery, DeliveryState, Notification
from gitopshq.core.notifying import notify
from tests import make
from tests.core.mailbox import mail_server

LATER = mailing.LEASE + timedelta(seconds=1)


@pytest.fixture
def amir(db):
    """Approves, and reads his mail."""
    return make.user("amir", email="amir@example.test")


@pytest.fixture
def waiting(amir):
    """One mail that waits."""
    told = {"title": "Approval wanted: R-5", "body": "acme/prod"}
    notify([amir], "approval.requested", project="shop", url="/projects/shop", **told)
    return Delivery.objects.get()


def again():
    return Delivery.objects.get()


def test_telling_rings_for_a_worker_that_sends(
    amir, settings, django_capture_on_commit_callbacks
):
    """S34, S134: whoever is told by mail gets it as soon as it is committed."""
    settings.BASE_URL = "https://hq.example.test"

    with django_capture_on_commit_callbacks(execute=True):
        notify(
            [amir],
            "approval.requested",
            project="shop",
            title="Approval wanted: R-5\r\nBcc: evil@example.test",
            body="acme/prod",
            url="/projects/shop/releases/5",
        )
        assert not mail.outbox

    [sent] = mail.outbox
    assert sent.to == ["amir@example.test"]
    assert sent.subject == (
        "[GitOpsHQ] shop: Approval wanted: R-5 Bcc: evil@example.test"
    )
    assert "https://hq.example.test/projects/shop/releases/5\n" in sent.body
    assert "https://hq.example.test/me/notifications/preferences" in sent.body
    assert re.fullmatch(
        r"<[0-9a-f]{32}@hq\.example\.test>", sent.extra_headers["Message-ID"]
    )
    assert not sent.bcc
    assert (again().state, again().attempts) == (DeliveryState.SENT, 1)
    assert again().sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_after_its_commit_loses_no_mail(monkeypatch):
    """S134: what was told is in the database; beat finds what nobody was rung for."""
    amir = make.user("amir", email="amir@example.test")

    def die(task, **_):
        raise SystemExit

    monkeypatch.setattr(mailing, "ring", die)
    with pytest.raises(SystemExit), transaction.atomic():
        notify([amir], "approval.requested", project="shop", title="Approve R-5")
    assert (again().state, len(mail.outbox)) == (DeliveryState.WAITING, 0)

    due = {row["task"] for row in app.conf.beat_schedule.values()}
    assert tasks.send_deliveries.name in due
    for _ in range(2):
        tasks.send_deliveries()
    assert (again().state, len(mail.outbox)) == (DeliveryState.SENT, 1)


def test_mail_goes_over_smtp(waiting, settings):
    """S134: against a real mail server."""
    with mail_server(settings) as server:
        tasks.send_deliveries()

    [text] = server.mails
    message = message_from_string(text)
    assert message["To"] == "amir@example.test"
    assert message["Subject"] == "[GitOpsHQ] shop: Approval wanted: R-5"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"
    assert again().state == DeliveryState.SENT


def test_many_mails_share_a_conversation(amir, settings):
    for number in range(3):
        notify([amir], "approval.requested", project="shop", title=f"R-{number}")

    with mail_server(settings) as server:
        mailing.send_due()

    assert (len(server.mails), server.calls) == (3, 1)


def test_what_was_sent_is_not_sent_again(waiting):
    mailing.send_due()
    mailing.send_due()

    assert len(mail.outbox) == 1


def test_a_live_lease_keeps_others_off(waiting):
    assert mailing.claim(waiting.pk) is not None

    assert mailing.claim(waiting.pk) is None
    mailing.send_due()

    assert not mail.outbox


def test_another_sends_what_a_dead_worker_had_claimed(waiting, time_machine):
    """S134: an outbox that survives a crash."""
    now = timezone.now()
    first = mailing.claim(waiting.pk)
    time_machine.move_to(now + LATER)

    mailing.send_due()

    [sent] = mail.outbox
    assert again().state == DeliveryState.SENT
    assert sent.extra_headers == mailing.message_of(first).extra_headers


def test_a_late_worker_takes_nothing_from_the_one_after_it(
    waiting, time_machine, monkeypatch
):
    """The first comes back with a failure when the second holds the lease."""
    late = mailing.claim(waiting.pk)
    time_machine.move_to(timezone.now() + LATER)
    mailing.claim(waiting.pk)

    def broken(self, messages):
        raise ConnectionResetError

    monkeypatch.setattr(EmailBackend, "send_messages", broken)
    mailing._send(late, mail.get_connection())

    assert again().lease_until is not None
    assert (again().attempts, again().error) == (2, "")


def test_what_kills_every_worker_is_given_up(waiting, time_machine):
    now = timezone.now()
    for attempt in range(mailing.MOST_ATTEMPTS):
        time_machine.move_to(now + attempt * LATER)
        assert mailing.claim(waiting.pk) is not None
    time_machine.move_to(now + mailing.MOST_ATTEMPTS * LATER)

    mailing.send_due()

    assert not mail.outbox
    assert again().state == DeliveryState.DEAD


def test_without_a_server_it_is_tried_ever_later_and_given_up(
    waiting, settings, time_machine
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    pauses = []
    for _ in range(mailing.MOST_ATTEMPTS):
        before = again().next_try_at
        time_machine.move_to(before, tick=False)
        mailing.send_due()
        mailing.send_due()
        pauses.append(again().next_try_at - before)

    assert again().state == DeliveryState.DEAD
    assert again().attempts == mailing.MOST_ATTEMPTS
    assert "ConnectionRefusedError" in again().error
    assert pauses[:3] == [timedelta(seconds=30 * 4**n) for n in range(3)]
    assert max(pauses) == timedelta(hours=6)


def test_an_outage_is_met_once_for_all_that_waits(amir, settings, monkeypatch):
    for number in range(3):
        notify([amir], "approval.requested", project="shop", title=f"R-{number}")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    tried = []

    def refuse(*args, **kwargs):
        tried.append(args)
        raise TimeoutError("nobody answers")

    monkeypatch.setattr(smtplib, "SMTP", refuse)

    mailing.send_due()

    assert len(tried) == 1
    assert set(Delivery.objects.values_list("attempts", "error")) == {
        (1, "TimeoutError: nobody answers")
    }


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("550 nobody of that name", DeliveryState.DEAD),
        ("450 come back later", DeliveryState.WAITING),
    ],
)
def test_a_refusal_for_good_ends_it_and_one_for_now_does_not(
    waiting, settings, said, state
):
    with mail_server(settings, rcpt=said):
        mailing.send_due()

    assert again().state == state
    assert said[4:] in again().error


@pytest.mark.parametrize("change", [{"is_active": False}, {"email": ""}])
def test_who_cannot_be_reached_any_more_is_left_alone(waiting, amir, change):
    for name, value in change.items():
        setattr(amir, name, value)
    amir.save()

    mailing.send_due()

    assert not mail.outbox
    assert again().state == DeliveryState.DEAD


def test_an_operator_has_it_sent_again(waiting, amir):
    root = make.user("root", is_superuser=True)
    Delivery.objects.update(state=DeliveryState.DEAD, attempts=8, error="x")

    mailing.send_again(waiting, actor=root)
    mailing.send_due()

    assert len(mail.outbox) == 1
    assert again().state == DeliveryState.SENT
    assert AuditEntry.objects.get(event="delivery.sent_again").actor == root
    with pytest.raises(InvalidState):
        mailing.send_again(waiting, actor=root)


def test_without_mail_or_address_nothing_waits(amir, settings):
    nobody = make.user("nobody")
    notify([nobody], "approval.requested", project="shop", title="R-1")
    settings.EMAIL_IS_ON = False
    notify([amir], "approval.requested", project="shop", title="R-1")

    assert not Delivery.objects.exists()
    assert Notification.objects.count() == 2


def test_the_admin_sends_again_and_changes_nothing_else(waiting, amir):
    root = make.user("root", is_superuser=True, is_staff=True)
    client = Client()
    client.force_login(root)
    Delivery.objects.update(state=DeliveryState.DEAD, attempts=8, error="x")
    assert "amir" in client.get("/admin/core/delivery/").content.decode()

    client.post(
        "/admin/core/delivery/",
        {"action": "send_again", "_selected_action": [waiting.pk]},
    )

    assert (again().state, again().attempts) == (DeliveryState.WAITING, 0)
    change = client.post(f"/admin/core/delivery/{waiting.pk}/change/", {"error": ""})
    assert change.status_code == 403
