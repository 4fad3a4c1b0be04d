"""Celery's way in. A task loads nothing and decides nothing: it makes one call."""

import logging
from typing import Final

from celery import shared_task
from kombu.exceptions import OperationalError

from releases import counters, deployment, lapses, reaping

logger: Final = logging.getLogger(__name__)


@shared_task(name="releases.run_deployment", acks_late=True, ignore_result=True)
def run_deployment(*, attempt_id: int, **_: object) -> None:
    """Deploy. ``**_`` lets an old worker accept a newer caller."""
    deployment.run(attempt_id=attempt_id)


@shared_task(name="releases.reap_deployments", ignore_result=True)
def reap_deployments(**_: object) -> None:
    """Ring again for jobs that nobody holds."""
    for attempt_id in reaping.jobs_to_ring():
        ring_deployment(attempt_id)


@shared_task(name="releases.refresh_counters", ignore_result=True)
def refresh_counters(*, project_id: int | None = None, **_: object) -> None:
    """Bring the cached counters and stale flags of lists up to date."""
    counters.refresh(project_id=project_id)


@shared_task(name="releases.reopen_lapsed", ignore_result=True)
def reopen_lapsed(**_: object) -> None:
    """Send approved releases back whose votes no longer suffice."""
    lapses.reopen_lapsed()


def ring_deployment(attempt_id: int) -> None:
    """Ring for a worker; if the broker is away, the reaper rings later."""
    try:
        run_deployment.delay(attempt_id=attempt_id)
    except OperationalError:
        logger.warning("the broker did not take attempt %s; it is a row", attempt_id)
