"""The rendering child: ``python -m delivery.rendering.child IN OUT``.

It limits itself, then answers jobs from one pipe on another until the first one ends.
It never imports Django and keeps nothing between jobs but charts.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from delivery.rendering.charts import ChartRefused
from delivery.rendering.custom import CustomJob, CustomResult
from delivery.rendering.custom_validation import check_custom
from delivery.rendering.helm import HelmEngine, HelmProgram
from delivery.rendering.helminprocess import HelmInProcess, HelmWherever
from delivery.rendering.keptcharts import KeptChart
from delivery.rendering.limits import (
    Limits,
    leave_network,
    limit_cpu_from_now,
    limit_this_process,
    resident_bytes,
)
from delivery.rendering.protocol import (
    PeerGone,
    receive_frame,
    receive_message,
    send_message,
)
from delivery.rendering.renderer import Renderer
from delivery.rendering.running import Engines, EngineStopped
from delivery.rendering.together import Together
from delivery.rendering.units import RenderError, UnitJob, UnitResult

MAX_REQUEST: Final = 256 << 20
Done = tuple[Sequence[UnitResult | CustomResult | None], bool]
"""What came of each job of a message, and whether an engine was stopped at a limit."""

_STOPPED: Final = {
    "timeout": "rendering took longer than {seconds:g} seconds",
    "memory": "rendering needed more memory than it may have",
    "output": "rendering printed more than {output} MiB",
}


class Child:
    """One child, from its first message to the end of its pipe."""

    def __init__(self, source: int, sink: int) -> None:
        self.source = source
        self.sink = sink
        hello = receive_message(source, MAX_REQUEST, None)
        self.limits = Limits.from_json(hello["limits"])
        self.folder = Path(hello["folder"])
        self.engines = Engines(
            helm=Path(hello["helm"]),
            kubectl=Path(hello["kubectl"]),
            home=self.folder,
            limits=self.limits,
            watched_pipe=source,
        )
        self.helm: HelmEngine = HelmProgram(self.engines)
        if hello["inProcess"]:
            fast = HelmInProcess(self.engines, hello["inProcess"])
            self.helm = HelmWherever(fast, self.helm)
        self.charts: dict[str, KeptChart | ChartRefused] = {}
        has_own_network = leave_network()
        limit_this_process(self.limits)
        self._answer({"ready": True, "ownNetwork": has_own_network})

    def serve(self) -> None:
        """Answer until the worker closes its end."""
        while True:
            message = receive_message(self.source, MAX_REQUEST, None)
            if "chart" in message:
                data = receive_frame(self.source, MAX_REQUEST, None)
                self._keep(message["chart"], data)
            elif "custom" in message:
                self._answer(self._done(partial(self._checked, message)))
            else:
                self._answer(self._done(partial(self._rendered, message)))

    def _keep(self, digest: str, data: bytes) -> None:
        try:
            self.charts[digest] = KeptChart.keep(data, self.folder)
        except ChartRefused as refusal:
            self.charts[digest] = refusal

    def _done(self, work: Callable[[], Done]) -> dict[str, Any]:
        limit_cpu_from_now(self.limits.cpu_seconds)
        try:
            results, stopped = work()
        except Exception as bug:  # noqa: BLE001
            # The worker must hear of a bug of ours as such, not as a dead child; the
            # exception's own words may hold a secret and stay here.
            place = traceback.extract_tb(bug.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            return {"bug": f"{type(bug).__name__} at {where}"}
        return {
            "results": [result and result.to_json() for result in results],
            "stopped": stopped,
            "resident": resident_bytes(),
        }

    def _checked(self, message: dict[str, Any]) -> Done:
        return [check_custom(CustomJob.from_json(message["custom"]))], False

    def _rendered(self, message: dict[str, Any]) -> Done:
        jobs = [UnitJob.from_json(job) for job in message["jobs"]]
        renderer = Renderer(self.engines, self.helm, message["keys"])
        if len(jobs) > 1:
            return self._together(renderer, jobs)
        return self._alone(renderer, jobs[0])

    def _alone(self, renderer: Renderer, job: UnitJob) -> Done:
        chart = self._chart(job)
        if isinstance(chart, UnitResult):
            return [chart], False
        try:
            return [renderer.render(job, chart)], False
        except EngineStopped as stop:
            error = self._stop_error(job, stop)
            return [UnitResult(job.unit, errors=(error,))], True

    def _together(self, renderer: Renderer, jobs: list[UnitJob]) -> Done:
        """Render the units that have a chart, or need none, and leave the others."""
        units = {
            place: (job, chart)
            for place, job in enumerate(jobs)
            if not isinstance(chart := self._chart(job), UnitResult)
        }
        together = Together(renderer)
        rendered = together.render(list(units.values()))
        results = dict(zip(units, rendered, strict=True))
        return list(map(results.get, range(len(jobs)))), together.was_stopped

    def _chart(self, job: UnitJob) -> KeptChart | UnitResult | None:
        """Give the chart of a job, if it has one, or what there is to say of it."""
        if job.chart is None:
            return None
        kept = self.charts[job.chart.digest]
        if isinstance(kept, KeptChart):
            return kept
        error = RenderError(
            "template_error",
            job.unit,
            f"chart {job.chart.name} {job.chart.version} is refused: {kept}",
            job.main_source,
            None,
            "chart",
        )
        return UnitResult(job.unit, errors=(error,))

    def _stop_error(self, job: UnitJob, stop: EngineStopped) -> RenderError:
        message = _STOPPED[stop.reason].format(
            seconds=self.limits.seconds, output=self.limits.output >> 20
        )
        return RenderError(
            "template_error", job.unit, message, job.main_source, None, stop.reason
        )

    def _answer(self, message: dict[str, Any]) -> None:
        send_message(self.sink, message, None)


def main(source: int, sink: int) -> None:
    """Serve until the other end is gone."""
    try:
        Child(source, sink).serve()
    except PeerGone:
        return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
    # A thread that is stuck in a rendering must not keep the process.
    os._exit(0)
