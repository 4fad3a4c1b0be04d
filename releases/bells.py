"""Ringing for our own workers once a transaction is committed. Rows are the jobs."""

from functools import partial
from typing import Any, Final

from celery import Task, current_app
from django.db import transaction

from environments.models import TenantEnvironment
from gitopshq.core.ringing import ring, ring_once

OUTDATED: Final = -1


def ring_soon(task: str, **kwargs: Any) -> None:
    """Send the task of that name in ``releases.tasks`` to the broker on commit."""
    transaction.on_commit(partial(_ring, task, **kwargs))


def recount_soon(target: TenantEnvironment) -> None:
    """Have *target* counted anew: a release took changes of it or returned some."""
    TenantEnvironment.objects.filter(pk=target.pk).update(counted_at_edit=OUTDATED)
    task, project_id = _task("refresh_counters"), target.project_id
    transaction.on_commit(partial(ring_once, task, project_id=project_id))


def look_again(*, project_id: int, **_: Any) -> None:
    """Look at what waits, what is stale, and whose votes suffice: a source moved."""
    ring_once(_task("refresh_counters"), project_id=project_id)
    ring_once(_task("reopen_lapsed"), project_id=project_id)


def _ring(task: str, **kwargs: Any) -> None:
    ring(_task(task), **kwargs)


def _task(name: str) -> Task:
    # By name: tasks import what they run, and that rings for tasks again.
    return current_app.tasks[f"releases.{name}"]
