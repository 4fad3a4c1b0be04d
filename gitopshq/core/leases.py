"""Jobs that are rows: claimed by one worker, kept by a lease, found again when lost.

For models with ``state`` (``pending`` until it ends), ``attempts``, ``fence``,
``lease_until`` and ``created_at``. What the work is, and its end, is its owner's.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

PENDING: Final = "pending"
LEASE: Final = timedelta(seconds=60)
"""How long a worker may be silent; it beats several times as often."""
FORGOTTEN_AFTER: Final = timedelta(seconds=10)
MAX_ATTEMPTS: Final = 3
POLL_SECONDS: Final = 0.05

JobT = TypeVar("JobT", bound=Model)


class LostLease(Exception):
    """Another worker holds the job now: whatever this one does no longer counts."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A job held by this worker, as long as its fence stands."""

    rows: QuerySet[Any]
    pk: int
    fence: int

    def beat(self) -> None:
        """Say that this worker is still at it.

        :raises LostLease: when another one is
        """
        if not self._held.update(lease_until=timezone.now() + LEASE):
            raise LostLease

    def let_go(self) -> None:
        """Give the job back now, for another try."""
        self._held.update(lease_until=timezone.now())

    def end(self, **fields: Any) -> bool:
        """Write the end; False where it is another worker's to write."""
        return bool(self._held.update(finished_at=timezone.now(), **fields))

    @property
    def _held(self) -> QuerySet[Any]:
        return self.rows.filter(pk=self.pk, fence=self.fence, state=PENDING)


def claim(rows: QuerySet[Any], pk: int) -> Lease | None:
    """Take a job by one guarded UPDATE; None if it is held, ended or tried enough."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    job = rows.filter(pk=pk)
    taken = job.filter(free, state=PENDING, attempts__lt=MAX_ATTEMPTS).update(
        fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=now + LEASE
    )
    if not taken:
        return None
    return Lease(rows, pk, job.values_list("fence", flat=True).get())


def lost(rows: QuerySet[Any]) -> tuple[list[int], list[Lease]]:
    """Return the jobs that nobody holds: those to ring for, and those to give up."""
    now = timezone.now()
    free = rows.filter(state=PENDING).filter(
        Q(lease_until__lt=now)
        | Q(lease_until=None, created_at__lt=now - FORGOTTEN_AFTER)
    )
    waiting = free.filter(attempts__lt=MAX_ATTEMPTS).order_by("pk")
    spent = free.filter(attempts__gte=MAX_ATTEMPTS).values_list("pk", "fence")
    return (
        list(waiting.values_list("pk", flat=True)),
        [Lease(rows, pk, fence) for pk, fence in spent],
    )


def wait_for(rows: QuerySet[JobT], pk: int, *, seconds: float) -> JobT:
    """Return a job as it is once it ended, or after *seconds*.

    At once within a transaction, where the end would never be seen: the worker begins
    when the job is committed.
    """
    job = rows.filter(pk=pk)
    found = job.get()
    if vars(found)["state"] != PENDING or connection.in_atomic_block:
        return found
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        # Who has waited long asks less often: many waiters are no load.
        time.sleep(min(max(POLL_SECONDS, waited / 10), seconds - waited))
        if not job.filter(state=PENDING).exists():
            break
    return job.get()
