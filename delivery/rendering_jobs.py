"""Who makes a rendering, and how that ends: claim, lease, fence, reaping.

The row is the job. What is done with it is in ``making``.
"""

import logging
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from delivery import making, ports
from delivery.making import Made
from delivery.models import Rendering, RenderingState
from delivery.rendering.pool import RenderingBroke
from delivery.rendering.units import RenderError
from environments.locking import lock_project

logger: Final = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
"""How long a worker may be silent; it beats several times as often."""
FORGOTTEN_AFTER: Final = timedelta(seconds=10)
MAX_ATTEMPTS: Final = 3


class LostLease(Exception):
    """Another worker holds the job now: whatever this one does no longer counts."""


def run(*, rendering_id: int) -> None:
    """Render, unless another worker is at it or it has ended. Safe to run twice."""
    fence = _claim(rendering_id)
    if fence is None:
        return
    rendering = Rendering.objects.select_related("project").get(pk=rendering_id)
    try:
        made = making.make(rendering, beat=partial(_beat, rendering_id, fence))
    except LostLease:
        logger.warning("rendering %s was taken over by another worker", rendering_id)
        return
    except RenderingBroke:
        logger.exception("rendering %s broke", rendering_id)
        if rendering.attempts < MAX_ATTEMPTS:
            _let_go(rendering_id, fence)
            return
        made = _broken()
    except BaseException:
        # A bug, a full disk, the end of this worker: the reaper rings again soon.
        _let_go(rendering_id, fence)
        raise
    _end(rendering_id, fence, made)


def to_reap() -> list[int]:
    """Return pending renderings that nobody holds; those tried enough are failed."""
    now = timezone.now()
    lost = Rendering.objects.filter(state=RenderingState.PENDING).filter(
        Q(lease_until__lt=now)
        | Q(lease_until=None, created_at__lt=now - FORGOTTEN_AFTER)
    )
    spent = lost.filter(attempts__gte=MAX_ATTEMPTS)
    for pk, fence in spent.values_list("pk", "fence"):
        _end(pk, fence, _broken())
    waiting = lost.filter(attempts__lt=MAX_ATTEMPTS).order_by("pk")
    return list(waiting.values_list("pk", flat=True))


def _claim(rendering_id: int) -> int | None:
    """Take the job by one guarded UPDATE; return the fence, or None if it is held."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    taken = Rendering.objects.filter(
        free,
        pk=rendering_id,
        state=RenderingState.PENDING,
        attempts__lt=MAX_ATTEMPTS,
    ).update(fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=now + LEASE)
    if not taken:
        return None
    return Rendering.objects.values_list("fence", flat=True).get(pk=rendering_id)


def _beat(rendering_id: int, fence: int) -> None:
    """Say that this worker is still at it.

    :raises LostLease: when another one is
    """
    kept = Rendering.objects.filter(
        pk=rendering_id, fence=fence, state=RenderingState.PENDING
    ).update(lease_until=timezone.now() + LEASE)
    if not kept:
        raise LostLease


def _let_go(rendering_id: int, fence: int) -> None:
    Rendering.objects.filter(pk=rendering_id, fence=fence).update(
        lease_until=timezone.now()
    )


@transaction.atomic
def _end(rendering_id: int, fence: int, made: Made) -> None:
    """Write the end and tell those who wait, if the fence still stands."""
    rendering = _without_state().get(pk=rendering_id)
    # First, as everywhere: those who are told move releases.
    lock_project(rendering.project)
    ended = Rendering.objects.filter(
        pk=rendering_id, fence=fence, state=RenderingState.PENDING
    ).update(
        state=RenderingState.FAILED if made.errors else RenderingState.READY,
        tree=made.tree,
        facts=made.facts or {},
        errors=list(made.errors),
        finished_at=timezone.now(),
    )
    if ended:
        ports.tell(_without_state().get(pk=rendering_id))


def _without_state() -> QuerySet[Rendering]:
    """Leave the largest column where it is: nobody reads it at the end."""
    return Rendering.objects.select_related("project").defer("state_document")


def _broken() -> Made:
    error = RenderError(
        "template_error",
        "",
        "the renderer does not work: see the worker's log",
        reason="internal",
    )
    return Made(errors=(error.to_json(),))
