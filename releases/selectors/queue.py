"""Whether a worker has taken a job up, and what waits before it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from delivery.models import Rendering, RenderingState
from releases.models import AttemptState, DeployAttempt

LATE_AFTER: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Wait:
    """A job that nobody has taken up for longer than is usual."""

    seconds: int
    ahead: int
    running: int
    """How many of its kind wait before it, and how many workers have in hand."""


def late_attempt(attempt: DeployAttempt) -> Wait | None:
    """Return how long a deploy has waited for a worker; None while that is usual."""
    if attempt.state != AttemptState.WAITING:
        return None
    since = attempt.requested_at
    if (seconds := _seconds_late(since)) is None:
        return None
    waiting = DeployAttempt.objects.filter(
        state=AttemptState.WAITING, requested_at__lt=since
    )
    running = DeployAttempt.objects.filter(
        state=AttemptState.RUNNING, lease_until__gt=timezone.now()
    )
    return Wait(seconds, waiting.count(), running.count())


def late_rendering(rendering: Rendering) -> Wait | None:
    """Return the same of a rendering."""
    now, since = timezone.now(), rendering.created_at
    is_held = rendering.lease_until is not None and rendering.lease_until > now
    if rendering.state != RenderingState.PENDING or is_held:
        return None
    if (seconds := _seconds_late(since)) is None:
        return None
    pending = Rendering.objects.filter(state=RenderingState.PENDING)
    held = pending.filter(lease_until__gt=now)
    ahead = pending.exclude(lease_until__gt=now).filter(created_at__lt=since)
    return Wait(seconds, ahead.count(), held.count())


def _seconds_late(since: datetime) -> int | None:
    waited = timezone.now() - since
    return int(waited.total_seconds()) if waited >= LATE_AFTER else None
