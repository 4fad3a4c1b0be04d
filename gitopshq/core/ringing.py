"""Ringing for a worker. The row is the job; a lost bell is rung again by a reaper."""

import logging
from typing import Any, Final

from celery import Task
from django.core.cache import cache
from kombu.exceptions import OperationalError

logger: Final = logging.getLogger(__name__)

UNHEARD_FOR: Final = 30
"""Seconds after which a bell that no worker heard is taken for lost."""


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


def ring_once(task: Task, *, project_id: int) -> None:
    """Send *task* for a project, unless a worker is still to begin the one before.

    That one will see what is asked for now: :func:`heard` is called before it looks.
    A thousand edits ring once, not a thousand times. Where the bell before was lost,
    beat looks at all projects anyway.
    """
    key = _unheard(task, project_id)
    if cache.add(key, "rung", UNHEARD_FOR) and not ring(task, project_id=project_id):
        cache.delete(key)


def heard(task: Task, *, project_id: int) -> None:
    """Say that *task* begins for a project: what comes now has to ring again."""
    cache.delete(_unheard(task, project_id))


def _unheard(task: Task, project_id: int) -> str:
    return f"rung-{task.name}-{project_id}"
