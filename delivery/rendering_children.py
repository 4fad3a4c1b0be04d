"""The warm children of this worker process, and units rendered in them.

Children are bound to one process and to one folder of engines.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from django.conf import settings

from delivery.rendering.pool import ChildPool
from delivery.rendering.tools import tools_folder
from delivery.rendering.units import UnitJob, UnitResult
from environments.models import ChartArchive

BEAT_SECONDS: Final = 10
MAX_CHILDREN: Final = 4

_lock = threading.Lock()
_pools: dict[tuple[int, Path], ChildPool] = {}


def render_units(
    jobs: Sequence[UnitJob], *, beat: Callable[[], None]
) -> list[UnitResult]:
    """Render the units, as many at once as there are cores; in the order given.

    *beat* is called in this thread, every few seconds until the last one is done;
    what it raises ends the rest.

    :raises delivery.rendering.pool.RenderingBroke: when a child does not work
    """
    if not jobs:
        return []
    pool = _pool()
    ring = str(settings.ENCRYPTION_KEYS)
    charts = _charts(jobs)

    def render(job: UnitJob) -> UnitResult:
        return pool.render(job, load_chart=charts.__getitem__, key_ring=ring)

    with ThreadPoolExecutor(max_workers=_size()) as threads:
        futures = [threads.submit(render, job) for job in jobs]
        try:
            while True:
                done, left = wait(futures, BEAT_SECONDS, FIRST_EXCEPTION)
                for future in done:
                    future.result()
                if not left:
                    return [future.result() for future in futures]
                beat()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)


def _charts(jobs: Sequence[UnitJob]) -> dict[str, bytes]:
    """Load the archives once, here: the threads then need no database."""
    digests = {job.chart.digest for job in jobs if job.chart}
    rows = ChartArchive.objects.filter(pk__in=digests).values_list("digest", "data")
    return {digest: bytes(data) for digest, data in rows}


def _pool() -> ChildPool:
    """Return this process's children; a forked process makes its own."""
    folder = Path(settings.DATA_DIR)
    key = (os.getpid(), tools_folder(folder))
    with _lock:
        # A copy from before a fork is dropped: it leaves its children alone.
        for copied in [other for other in _pools if other[0] != key[0]]:
            del _pools[copied]
        if key not in _pools:
            _pools[key] = ChildPool(folder, size=_size())
        return _pools[key]


def _size() -> int:
    return max(1, min(MAX_CHILDREN, os.cpu_count() or 1))
