"""The warm children of one worker process, for its threads to take in turns."""

import atexit
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from delivery.rendering.custom import CustomJob, CustomResult
from delivery.rendering.limits import Limits
from delivery.rendering.units import UnitJob, UnitResult
from delivery.rendering.warmchild import LoadChart, RenderChild


class ChildPool:
    """Children for the threads of one worker process; one is enough for one thread."""

    def __init__(
        self,
        data_dir: Path,
        *,
        size: int = 1,
        limits: Limits | None = None,
        search: str | None = None,
    ) -> None:
        self._children = [
            RenderChild(data_dir, limits, search=search) for _ in range(size)
        ]
        # Last in, first out: the child that is warm, and holds charts, comes first.
        self._free: queue.LifoQueue[RenderChild] = queue.LifoQueue()
        for child in self._children:
            self._free.put(child)
        self._owner = os.getpid()
        self._closing = threading.Lock()
        atexit.register(self.close)

    def render(
        self, job: UnitJob, *, load_chart: LoadChart, key_ring: str = ""
    ) -> UnitResult:
        """Render a unit in a free child, waiting for one; as `RenderChild.render`."""
        with self._child() as child:
            return child.render(job, load_chart=load_chart, key_ring=key_ring)

    def render_together(
        self, jobs: Sequence[UnitJob], *, load_chart: LoadChart, key_ring: str = ""
    ) -> list[UnitResult | None]:
        """Render units in a free child; as `RenderChild.render_together`."""
        with self._child() as child:
            return child.render_together(jobs, load_chart=load_chart, key_ring=key_ring)

    def check(self, job: CustomJob) -> CustomResult:
        """Check in a free child; as `RenderChild.check`."""
        with self._child() as child:
            return child.check(job)

    @contextmanager
    def _child(self) -> Iterator[RenderChild]:
        child = self._free.get()
        try:
            yield child
        finally:
            self._free.put(child)

    def close(self) -> None:
        """Stop all children; a forked copy of the pool leaves them alone."""
        if os.getpid() == self._owner:
            with self._closing:
                for child in self._children:
                    child.stop()
            atexit.unregister(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
