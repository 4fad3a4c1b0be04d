"""Ringing for our own workers once a transaction is committed. Rows are the jobs."""

from functools import partial
from typing import Any, Final

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


def _ring(task: str, **kwargs: Any) -> None:
    # Tasks import what they run, and what they run rings for tasks again.
    from releases import tasks  # noqa: PLC0415

    ring(getattr(tasks, task), **kwargs)
