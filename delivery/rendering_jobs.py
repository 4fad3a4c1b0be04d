"""Who makes a rendering, and how that ends: claim, end, reaping.

The row is the job. What is done with it is in ``making``.
"""

import logging
from typing import Final

from django.db import transaction

from delivery import making, ports
from delivery.making import Made
from delivery.models import Rendering, RenderingState
from delivery.rendering.units import RenderError
from delivery.rendering.warmchild import RenderingBroke
from environments.locking import hold_project
from gitopshq.core import leases
from gitopshq.core.leases import MAX_ATTEMPTS, Lease, LostLease

logger: Final = logging.getLogger(__name__)


def run(*, rendering_id: int) -> None:
    """Render, unless another worker is at it or it has ended. Safe to run twice."""
    lease = leases.claim(Rendering.objects.all(), rendering_id)
    if lease is None:
        return
    rendering = Rendering.objects.select_related("project").get(pk=rendering_id)
    try:
        made = making.make(rendering, beat=lease.beat)
    except LostLease:
        logger.warning("rendering %s was taken over by another worker", rendering_id)
        return
    except RenderingBroke:
        logger.exception("rendering %s broke", rendering_id)
        if rendering.attempts < MAX_ATTEMPTS:
            lease.let_go()
            return
        made = _broken()
    except BaseException:
        # A bug, a full disk, the end of this worker: the reaper rings again soon.
        lease.let_go()
        raise
    _end(lease, made, project=rendering.project_id)


def to_reap() -> list[int]:
    """Return pending renderings that nobody holds; those tried enough are failed."""
    waiting, spent = leases.lost(Rendering.objects.all())
    projects = Rendering.objects.values_list("project", flat=True)
    for lease in spent:
        _end(lease, _broken(), project=projects.get(pk=lease.pk))
    return waiting


@transaction.atomic
def _end(lease: Lease, made: Made, *, project: int) -> None:
    """Write the end and tell those who wait, if the fence still stands."""
    # First, as everywhere: those who are told move releases.
    hold_project(project)
    ended = lease.end(
        state=RenderingState.FAILED if made.errors else RenderingState.READY,
        tree=made.tree,
        facts=made.facts or {},
        errors=list(made.errors),
    )
    if ended:
        # The largest column stays where it is: nobody reads it at the end.
        rows = Rendering.objects.select_related("project").defer("state_document")
        ports.tell(rows.get(pk=lease.pk))


def _broken() -> Made:
    error = RenderError(
        "template_error",
        "",
        "the renderer does not work: see the worker's log",
        reason="internal",
    )
    return Made(errors=(error.to_json(),))
