"""The warm children of this worker process, and units rendered in them."""

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.conf import settings

from delivery.rendering.pool import ChildPool
from delivery.rendering.units import UnitJob, UnitResult
from environments.models import ChartArchive

_lock = threading.Lock()
_pools: dict[int, ChildPool] = {}


def render_units(jobs: Sequence[UnitJob]) -> list[UnitResult]:
    """Render the units, as many at once as there are cores; in the order given.

    :raises delivery.rendering.pool.RenderingBroke: when a child does not work
    """
    if not jobs:
        return []
    pool = _pool()
    ring = str(settings.ENCRYPTION_KEYS)
    charts = _charts(jobs)

    def render(job: UnitJob) -> UnitResult:
        return pool.render(job, load_chart=charts.__getitem__, key_ring=ring)

    if len(jobs) == 1:
        return [render(jobs[0])]
    with ThreadPoolExecutor(max_workers=_size()) as threads:
        return list(threads.map(render, jobs))


def _charts(jobs: Sequence[UnitJob]) -> dict[str, bytes]:
    """Load the archives once, here: the threads then need no database."""
    digests = {job.chart.digest for job in jobs if job.chart}
    rows = ChartArchive.objects.filter(pk__in=digests).values_list("digest", "data")
    return {digest: bytes(data) for digest, data in rows}


def _pool() -> ChildPool:
    """Return this process's children; a forked process makes its own."""
    with _lock:
        pool = _pools.get(os.getpid())
        if pool is None:
            _pools.clear()
            pool = ChildPool(Path(settings.DATA_DIR), size=_size())
            _pools[os.getpid()] = pool
        return pool


def _size() -> int:
    return max(1, min(4, os.cpu_count() or 1))
