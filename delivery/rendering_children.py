"""The warm children of this worker process, and units rendered in them.

Children are bound to one process and to one folder of engines.
"""

import os
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

from django.conf import settings

from delivery.rendering.custom import CustomJob, CustomResult
from delivery.rendering.pool import ChildPool
from delivery.rendering.tools import tools_folder
from delivery.rendering.units import UnitJob, UnitResult
from environments.models import ChartArchive

BEAT_SECONDS: Final = 10
MAX_CHILDREN: Final = 4
MIN_TOGETHER: Final = 8
"""Overlays that one child builds before a second one helps it."""

_Answer = tuple[list[int], Future[list[UnitResult | None]]]
"""Which jobs were asked for, and what came."""

_lock = threading.Lock()
_pools: dict[tuple[int, Path], ChildPool] = {}


def render_units(
    jobs: Sequence[UnitJob], *, beat: Callable[[], None]
) -> list[UnitResult]:
    """Render the units, as many at once as there are cores; in the order given.

    *beat* is called in this thread, every few seconds until the last one is done;
    what it raises ends the rest.

    :raises delivery.rendering.warmchild.RenderingBroke: when a child does not work
    """
    if not jobs:
        return []
    pool = _pool()
    ring = str(settings.ENCRYPTION_KEYS)
    load_chart = _charts(jobs).__getitem__

    def render(places: list[int]) -> list[UnitResult | None]:
        asked = [jobs[place] for place in places]
        if len(asked) > 1:
            return pool.render_together(asked, load_chart=load_chart, key_ring=ring)
        return [pool.render(asked[0], load_chart=load_chart, key_ring=ring)]

    results: dict[int, UnitResult] = {}
    done: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
    with ThreadPoolExecutor(max_workers=_size()) as threads:

        def submit(places: list[int]) -> None:
            future = threads.submit(render, places)
            future.add_done_callback(lambda future: done.put((places, future)))

        try:
            for part in _parts(jobs):
                submit(part)
            beaten = time.monotonic()
            while len(results) < len(jobs):
                for place, result in _next(done):
                    if result is None:
                        submit([place])
                    else:
                        results[place] = result
                if time.monotonic() - beaten >= BEAT_SECONDS:
                    beat()
                    beaten = time.monotonic()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
    return [results[place] for place in range(len(jobs))]


def _next(
    done: "queue.SimpleQueue[_Answer]",
) -> Iterator[tuple[int, UnitResult | None]]:
    """Yield what comes next, by its place; nothing if that takes long."""
    try:
        places, future = done.get(timeout=BEAT_SECONDS)
    except queue.Empty:
        return
    yield from zip(places, future.result(), strict=True)


def check_custom(job: CustomJob, *, beat: Callable[[], None]) -> CustomResult:
    """Hold custom resources against their definitions; *beat* as in `render_units`.

    :raises delivery.rendering.warmchild.RenderingBroke: when the child does not work
    """
    with ThreadPoolExecutor(max_workers=1) as threads:
        future = threads.submit(_pool().check, job)
        try:
            while not wait([future], BEAT_SECONDS).done:
                beat()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
    return future.result()


def _parts(jobs: Sequence[UnitJob]) -> Iterator[list[int]]:
    """Yield the places of jobs that go to a child at once.

    Those with overlays share calls of Kustomize, with others of their target only:
    nothing of one tenant is in a call that prints another's.
    """
    neighbours: dict[object, list[int]] = defaultdict(list)
    for place, job in enumerate(jobs):
        if job.overlays:
            neighbours[job.namespace, job.targets].append(place)
        else:
            yield [place]
    for places in neighbours.values():
        parts = max(1, min(_size(), len(places) // MIN_TOGETHER))
        yield from (places[part::parts] for part in range(parts))


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
