"""Who works out causes, and how that ends. The row is the job."""

import logging
from typing import Any, Final

from delivery.git.repository import NoSuchObject
from delivery.rendering.warmchild import RenderingBroke
from gitopshq.core import leases
from gitopshq.core.leases import MAX_ATTEMPTS, LostLease
from releases import causing
from releases.errors import RenderingLost
from releases.models import CauseSearch, SearchState

logger: Final = logging.getLogger(__name__)

BROKEN: Final = "the renderer does not work: see the worker's log"


def run(*, search_id: int) -> None:
    """Work out, unless another worker is at it or it has ended. Safe to run twice."""
    lease = leases.claim(CauseSearch.objects.all(), search_id)
    if lease is None:
        return
    rows = CauseSearch.objects.select_related("project", "before", "after")
    search = rows.get(pk=search_id)
    end: dict[str, Any]
    try:
        result = causing.work_out(search, beat=lease.beat)
        end = {"state": SearchState.READY, "result": result}
    except LostLease:
        logger.warning("cause search %s was taken over by another worker", search_id)
        return
    except (NoSuchObject, FileNotFoundError):
        end = {"state": SearchState.FAILED, "error": RenderingLost.message}
    except RenderingBroke:
        logger.exception("cause search %s broke", search_id)
        if search.attempts < MAX_ATTEMPTS:
            lease.let_go()
            return
        end = {"state": SearchState.FAILED, "error": BROKEN}
    except BaseException:
        # A bug, a full disk, the end of this worker: the reaper rings again soon.
        lease.let_go()
        raise
    lease.end(**end)


def to_reap() -> list[int]:
    """Return pending searches that nobody holds; those tried enough are failed."""
    waiting, spent = leases.lost(CauseSearch.objects.all())
    for lease in spent:
        lease.end(state=SearchState.FAILED, error=BROKEN)
    return waiting
