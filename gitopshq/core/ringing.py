"""Ringing for a worker. The row is the job; a lost bell is rung again by a reaper."""

import logging
from typing import Any, Final

from celery import Task
from kombu.exceptions import OperationalError

logger: Final = logging.getLogger(__name__)


def ring(task: Task, *, after: float = 0, **kwargs: Any) -> bool:
    """Send *task* to the broker; when it is away, say so and go on.

    :param after: seconds before a worker may begin
    :return: whether the broker took it
    """
    try:
        task.apply_async(kwargs=kwargs, countdown=after or None)
    except OperationalError:
        logger.warning("the broker did not take %s %s", task.name, kwargs)
        return False
    return True
