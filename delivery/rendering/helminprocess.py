"""Helm in the rendering child's own process, by helm-python-sdk.

It prints what ``helm template --include-crds --skip-tests`` prints for the requests
that `suiting` lets through; of anything else it is not certain. The package is imported
with the first request, since a process with it can no longer leave its network.
"""

import contextlib
import importlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from delivery.rendering.helm import HelmEngine, HelmRequest
from delivery.rendering.helmhooks import SPACE, Unclear, printed_hooks, source
from delivery.rendering.limits import resident_bytes
from delivery.rendering.running import POLL_SECONDS, Engines, EngineStopped

_UNREADABLE: Final = "\ufffd"
"""What JSON makes of bytes that are no UTF-8; the program prints the bytes."""


@dataclass
class HelmInProcess:
    """The library in a thread of its own, watched as a program would be.

    ``version`` is the one proven equal. After `EngineStopped` its thread may go on for
    ever: the process is to be ended.
    """

    engines: Engines
    version: str
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(max_workers=1)
    )
    _is_broken: bool = False

    def template(self, request: HelmRequest, *, deadline: float) -> str:
        """Render a chart as `HelmEngine.template` does.

        :raises Unclear: the program has to do it, or to say what is wrong.
        :raises EngineStopped: it took more than it may.
        """
        printed = self._watched(lambda: self._printed(request), deadline)
        if len(printed.encode()) > self.engines.limits.output:
            raise EngineStopped("output")
        if _UNREADABLE in printed:
            raise Unclear("text that may be no UTF-8")
        return printed

    def _printed(self, request: HelmRequest) -> str:
        suited = request.suited
        if suited is None:
            raise Unclear("a request for the program")
        helm = self._helm
        try:
            values: dict[str, Any] = {}
            for layer in request.values:
                values = _merged(values, helm.values_from_yaml(layer) or {})
            with self._chart(request) as chart:
                release = self._config.install(
                    chart,
                    request.release,
                    values,
                    namespace=request.namespace,
                    dry_run="client",
                )
                crds = chart.crds if suited.has_crds else []
            manifest = release.get("manifest", "")
            hooks = self._hooks(request, values, manifest) if suited.may_hook else ""
        except (helm.HelmError, ValueError, RecursionError) as refusal:
            raise Unclear(type(refusal).__name__) from refusal
        above = "".join(source(crd["filename"], crd["data"]) for crd in crds)
        return f"{(above + manifest).strip(SPACE)}\n{hooks}"

    def _hooks(
        self, request: HelmRequest, values: dict[str, Any], manifest: str
    ) -> str:
        # A rendering changes the chart it is given, so each has one of its own.
        with self._chart(request) as chart:
            rendered = chart.render(
                values, name=request.release, namespace=request.namespace
            )
        return printed_hooks(rendered, manifest, self._helm.values_from_yaml)

    def _chart(self, request: HelmRequest) -> Any:
        return self._helm.Chart.load_archive(request.chart.read_bytes())

    @cached_property
    def _helm(self) -> Any:
        if self._is_broken:
            raise Unclear("the package does not load")
        self._is_broken = True
        try:
            helm = importlib.import_module("helm_python")
        except Exception as refusal:
            # Whatever keeps a native library from loading: the program is there.
            raise Unclear("the package does not load") from refusal
        if helm.__version__ != self.version:
            raise Unclear("the package was replaced meanwhile")
        self._is_broken = False
        return helm

    @cached_property
    def _config(self) -> Any:
        return self._helm.Config(storage_driver="memory")

    def _watched(self, work: Callable[[], str], deadline: float) -> str:
        limits = self.engines.limits
        cpu_end = time.process_time() + limits.cpu_seconds
        running = self._thread.submit(work)
        while True:
            try:
                return running.result(timeout=POLL_SECONDS)
            except TimeoutError:
                if running.done():
                    raise
            if time.monotonic() > deadline or time.process_time() > cpu_end:
                raise EngineStopped("timeout")
            if resident_bytes() > limits.memory:
                raise EngineStopped("memory")
            self.engines.end_with_worker()


@dataclass(frozen=True)
class HelmWherever:
    """In process where that is proven to be the same, else by the program.

    The program has the last word: what is refused in process it renders again, so that
    its words are the ones an author reads.
    """

    fast: HelmInProcess
    program: HelmEngine

    def template(self, request: HelmRequest, *, deadline: float) -> str:
        """Render a chart; raises as `HelmEngine.template`."""
        if request.suited is not None:
            with contextlib.suppress(Unclear):
                return self.fast.template(request, deadline=deadline)
        return self.program.template(request, deadline=deadline)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Lay one map of values over another as Helm does; a null stays one."""
    merged = {**below, **above}
    for key, value in above.items():
        beaten = below.get(key)
        if isinstance(value, dict) and isinstance(beaten, dict):
            merged[key] = _merged(beaten, value)
    return merged
