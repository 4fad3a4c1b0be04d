"""Ringing for our own workers once a transaction is committed. Rows are the jobs."""

from functools import partial
from typing import Any, Final

from celery import current_app
from django.db import transaction

from environments.models import TenantEnvironment
from gitopshq.core.ringing import ring

OUTDATED: Final = -1


def ring_soon(task: str, **kwargs: Any) -> None:
    """Send the task of that name in ``releases.tasks`` to the broker on commit."""
    transaction.on_commit(partial(_ring, task, **kwargs))


def recount_soon(target: TenantEnvironment) -> None:
    """Have *target* counted anew: a release took changes of it or returned some."""
    TenantEnvironment.objects.filter(pk=target.pk).update(counted_at_edit=OUTDATED)
    ring_soon("refresh_counters", project_id=target.project_id)


def look_again(*, project_id: int, **_: Any) -> None:
    """Look at what waits, what is stale, and whose votes suffice: a source moved."""
    _ring("refresh_counters", project_id=project_id)
    _ring("reopen_lapsed", project_id=project_id)


def _ring(task: str, **kwargs: Any) -> None:
    # By name: tasks import what they run, and that rings for tasks again.
    ring(current_app.tasks[f"releases.{task}"], **kwargs)
