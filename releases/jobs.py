"""Holding a deploy job: claim, fence, lease, steps. The row is the truth."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import OperationalError, connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from gitopshq.core.instants import rfc3339
from releases.models import AttemptState, DeployAttempt

LEASE: Final = timedelta(seconds=60)
HEARTBEAT_SECONDS: Final = 20.0
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
    if not _extend(held):
        raise LostLease
    return DeployAttempt.objects.get(pk=held.attempt_id)


@contextmanager
def kept_alive(held: Held, *, every: float = HEARTBEAT_SECONDS) -> Iterator[None]:
    """Extend the lease every *every* seconds while slow work goes on.

    Should the job be lost meanwhile, the next ``still_held`` says so.
    """
    is_over = threading.Event()

    def beat() -> None:
        try:
            while not is_over.wait(every):
                # A database that is busy now is asked again at the next beat.
                with suppress(OperationalError):
                    if not _extend(held):
                        return
        finally:
            # A thread's connections are its own.
            connections.close_all()

    heart = threading.Thread(target=beat, name=f"attempt-{held.attempt_id}")
    heart.start()
    try:
        yield
    finally:
        is_over.set()
        heart.join()


def _extend(held: Held) -> bool:
    extended = DeployAttempt.objects.filter(
        pk=held.attempt_id, fence=held.fence, state=AttemptState.RUNNING
    ).update(lease_until=timezone.now() + LEASE)
    return bool(extended)


@contextmanager
def step(held: Held, name: str) -> Iterator[None]:
    """Show the named step as running, then as done (for the progress on the page)."""
    _note(held, name, started=True)
    yield
    _note(held, name, started=False)


@transaction.atomic
def _note(held: Held, name: str, *, started: bool) -> None:
    attempt = still_held(held)
    now = rfc3339(timezone.now())
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
