"""Celery's way into the demo."""

from celery import shared_task

from gitopshq.demo import loading


@shared_task(name="demo.load", acks_late=True, ignore_result=True)
def load(*, until: float, **_: object) -> None:
    """Go on with the story that an operator asked for."""
    loading.tell_on(until=until)
