"""Holding a deploy job: claim, fence, lease, steps. The row is the truth."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from releases.models import AttemptState, DeployAttempt

LEASE: Final = timedelta(seconds=60)
MAX_RUNS: Final = 3


class LostLease(Exception):
    """Another worker holds the job now: whatever this one does no longer counts."""


@dataclass(frozen=True, slots=True)
class Held:
    """A job held by this worker, as long as its fence stands."""

    attempt_id: int
    release_id: int
    fence: int


def claim(attempt_id: int) -> Held | None:
    """Take the job if it waits or its holder's lease is over; None if it is not free.

    One guarded UPDATE, so that of two workers one gets it, on both databases.
    """
    now = timezone.now()
    free = Q(state=AttemptState.WAITING) | Q(
        state=AttemptState.RUNNING, lease_until__lt=now
    )
    taken = DeployAttempt.objects.filter(free, pk=attempt_id).update(
        state=AttemptState.RUNNING,
        fence=F("fence") + 1,
        runs=F("runs") + 1,
        lease_until=now + LEASE,
    )
    if not taken:
        return None
    attempt = DeployAttempt.objects.get(pk=attempt_id)
    return Held(attempt.pk, attempt.release_id, attempt.fence)


def still_held(held: Held) -> DeployAttempt:
    """Return the attempt with its lease extended, inside the caller's transaction.

    :raises LostLease: when the fence has moved or the job is over
    """
    kept = DeployAttempt.objects.filter(
        pk=held.attempt_id, fence=held.fence, state=AttemptState.RUNNING
    ).update(lease_until=timezone.now() + LEASE)
    if not kept:
        raise LostLease
    return DeployAttempt.objects.get(pk=held.attempt_id)


@contextmanager
def step(held: Held, name: str) -> Iterator[None]:
    """Show the named step as running, then as done (for the progress on the page)."""
    _note(held, name, started=True)
    yield
    _note(held, name, started=False)


@transaction.atomic
def _note(held: Held, name: str, *, started: bool) -> None:
    attempt = still_held(held)
    now = timezone.now().isoformat()
    steps = [row for row in attempt.steps if not (started and row["name"] == name)]
    if started:
        steps.append({"name": name, "startedAt": now, "endedAt": None})
    else:
        steps = [
            {**row, "endedAt": now} if row["name"] == name else row for row in steps
        ]
    DeployAttempt.objects.filter(pk=held.attempt_id, fence=held.fence).update(
        steps=steps
    )
