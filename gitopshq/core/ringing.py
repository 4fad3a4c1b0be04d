"""Ringing for a worker. The row is the job; a lost bell is rung again by a reaper."""

import logging
from typing import Any, Final

from celery import Task
from kombu.exceptions import OperationalError

logger: Final = logging.getLogger(__name__)


def ring(task: Task, **kwargs: Any) -> None:
    """Send *task* to the broker; when it is away, say so and go on."""
    try:
        task.delay(**kwargs)
    except OperationalError:
        logger.warning("the broker did not take %s %s", task.name, kwargs)
