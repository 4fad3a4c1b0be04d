"""Celery's way into the kernel. A task decides nothing: it makes one call."""

from celery import shared_task

from gitopshq.core import audit_checks, beating, mailing


@shared_task(name="core.send_deliveries", acks_late=True, ignore_result=True)
def send_deliveries(**_: object) -> None:
    """Send the mails that are due. ``**_`` lets an old worker take a newer call."""
    mailing.send_due()


@shared_task(name="core.check_audit", ignore_result=True)
def check_audit(**_: object) -> None:
    """Read every chain of the audit trail and keep what was found."""
    audit_checks.check()


@shared_task(name="core.note_beat", ignore_result=True)
def note_beat(**_: object) -> None:
    """Leave the mark by which operators see that the schedule runs."""
    beating.note_beat()
