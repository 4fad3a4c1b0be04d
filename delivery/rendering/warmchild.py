"""A warm rendering child of a worker process: started, fed, limited, replaced.

What a child does with a job is in `renderer`; this side never opens a chart or secret.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import delivery.rendering
from delivery.rendering.custom import CustomJob, CustomResult
from delivery.rendering.folders import PrivateFolder
from delivery.rendering.limits import MIB, Limits, kill_group
from delivery.rendering.protocol import (
    FrameTooLarge,
    OutOfTime,
    PeerGone,
    receive_message,
    send_frame,
    send_message,
)
from delivery.rendering.tools import TOOLS, ToolMissing, helm_in_process, tool_path
from delivery.rendering.units import RenderError, UnitJob, UnitResult

LoadChart = Callable[[str], bytes]
"""From a chart's digest to its uploaded bytes; called when a child lacks them."""
Send = Callable[[float], None]
"""Writes what is asked of the child into its pipe, until a deadline."""

START_SECONDS: Final = 30
GRACE_SECONDS: Final = 5
"""What a child has on top of its limit to say so itself before it is killed."""
MAX_CHARTS: Final = 200
"""Charts a child keeps on disk before it is replaced."""

_ROOT: Final = Path(delivery.rendering.__file__).parents[2]
_FAILURES: Final[dict[type[Exception], tuple[str, str]]] = {
    OutOfTime: ("timeout", "rendering took too long"),
    FrameTooLarge: ("output", "rendering made more text than it may"),
    PeerGone: ("memory", "rendering ended itself, most likely for want of memory"),
}


class RenderingBroke(Exception):
    """The child cannot start, or met a bug of ours: no fault of chart or values."""


class RenderChild:
    """One child process; used by one thread at a time.

    ``data_dir`` is where programs are unpacked, ``search`` as for `tool_path`.
    """

    def __init__(
        self,
        data_dir: Path,
        limits: Limits | None = None,
        *,
        search: str | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.data_dir = data_dir
        self.search = search
        self.has_own_network: bool | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: PrivateFolder | None = None
        self._sink = self._source = -1
        self._charts: set[str] = set()
        self._renderings = 0

    @property
    def pid(self) -> int | None:
        """The process id of the running child, for tests and metrics."""
        return self._process.pid if self._process else None

    def render(
        self, job: UnitJob, *, load_chart: LoadChart, key_ring: str = ""
    ) -> UnitResult:
        """Render a unit; a child that failed is replaced before the next one.

        ``key_ring`` opens the job's secrets and goes over the pipe only.

        :raises RenderingBroke: the child does not start or has a bug.
        """
        send = partial(self._send_units, [job], load_chart, key_ring)
        try:
            (found,) = self._results(send, self.limits.seconds)
        except tuple(_FAILURES) as failure:
            return UnitResult(job.unit, errors=(_failed(job, failure),))
        return UnitResult.from_json(found)

    def render_together(
        self, jobs: Sequence[UnitJob], *, load_chart: LoadChart, key_ring: str = ""
    ) -> list[UnitResult | None]:
        """Render several units at once, in the order given; as `render`.

        What gets no result here is to be rendered alone: that says what is wrong.
        """
        send = partial(self._send_units, jobs, load_chart, key_ring)
        try:
            results = self._results(send, self.limits.together_seconds)
        except tuple(_FAILURES):
            return [None] * len(jobs)
        return [found and UnitResult.from_json(found) for found in results]

    def check(self, job: CustomJob) -> CustomResult:
        """Hold custom resources against their definitions; fails as `render`."""
        try:
            (found,) = self._results(
                partial(self._send_custom, job), self.limits.seconds
            )
        except tuple(_FAILURES) as failure:
            return CustomResult(errors=(_failed(job, failure),))
        return CustomResult.from_json(found)

    def _results(self, send: Send, seconds: float) -> list[Any]:
        was_warm = self._process is not None
        try:
            answer = self._asked(send, seconds)
        except PeerGone:
            if not was_warm:
                raise
            # It may have been killed while it was idle.
            answer = self._asked(send, seconds)
        self._recycle(answer)
        if "bug" in answer:
            raise RenderingBroke(str(answer["bug"]))
        return list(answer["results"])

    def stop(self) -> None:
        """Kill the child with everything it started, and remove its folder."""
        if self._process is not None:
            kill_group(self._process.pid)
            self._process.wait()
            self._process = None
        for pipe in (self._sink, self._source):
            with contextlib.suppress(OSError):
                os.close(pipe)
        self._sink = self._source = -1
        if self._folder is not None:
            self._folder.remove()
            self._folder = None

    def _start(self) -> None:
        self.stop()
        try:
            programs: dict[str, str] = {
                tool: str(tool_path(tool, self.data_dir, search=self.search))
                for tool in TOOLS
            }
        except (ToolMissing, OSError) as refusal:
            raise RenderingBroke(str(refusal)) from refusal
        self._folder = PrivateFolder.make()
        self._charts, self._renderings = set(), 0
        self._spawn(self._folder.path)
        self._greet(self._folder.path, programs)

    def _spawn(self, folder: Path) -> None:
        for_child, self._sink = os.pipe()
        self._source, from_child = os.pipe()
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "delivery.rendering.child"),
                    *(str(for_child), str(from_child)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(for_child, from_child),
                cwd=folder,
                env={
                    "PATH": "",
                    "HOME": str(folder),
                    "TMPDIR": str(folder),
                    "PYTHONPATH": str(_ROOT),
                    "PYTHONUTF8": "1",
                    **_for_go(self.limits),
                },
                start_new_session=True,
            )
        finally:
            os.close(for_child)
            os.close(from_child)
        os.set_blocking(self._sink, False)
        os.set_blocking(self._source, False)

    def _greet(self, folder: Path, programs: dict[str, str]) -> None:
        hello = {
            "limits": self.limits.to_json(),
            "folder": str(folder),
            "inProcess": helm_in_process(self.data_dir, search=self.search),
            **programs,
        }
        deadline = time.monotonic() + START_SECONDS
        try:
            send_message(self._sink, hello, deadline)
            answer = receive_message(self._source, self.limits.output, deadline)
        except tuple(_FAILURES) as failure:
            self.stop()
            raise RenderingBroke("the rendering child does not start") from failure
        self.has_own_network = answer["ownNetwork"]

    def _asked(self, send: Send, seconds: float) -> dict[str, Any]:
        """Ask a running child; one that fails in any way is not asked again."""
        if self._process is None:
            self._start()
        deadline = time.monotonic() + seconds + GRACE_SECONDS
        try:
            send(deadline)
            # JSON writes a quote as two characters: the limit is on what engines print.
            return receive_message(self._source, 2 * self.limits.output, deadline)
        except BaseException:
            self.stop()
            raise

    def _send_units(
        self,
        jobs: Sequence[UnitJob],
        load_chart: LoadChart,
        key_ring: str,
        deadline: float,
    ) -> None:
        for job in jobs:
            self._give_chart(job, load_chart, deadline)
        keys = key_ring if any(job.sealed for job in jobs) else ""
        message = {"jobs": [job.to_json() for job in jobs], "keys": keys}
        send_message(self._sink, message, deadline)

    def _send_custom(self, job: CustomJob, deadline: float) -> None:
        send_message(self._sink, {"custom": job.to_json()}, deadline)

    def _give_chart(self, job: UnitJob, load_chart: LoadChart, deadline: float) -> None:
        if job.chart is not None and job.chart.digest not in self._charts:
            data = load_chart(job.chart.digest)
            send_message(self._sink, {"chart": job.chart.digest}, deadline)
            send_frame(self._sink, data, deadline)
            self._charts.add(job.chart.digest)

    def _recycle(self, answer: dict[str, Any]) -> None:
        self._renderings += len(answer.get("results", ()))
        if (
            "bug" in answer
            or answer["stopped"]
            or answer["resident"] > self.limits.child_memory
            or self._renderings >= self.limits.renderings
            or len(self._charts) > MAX_CHARTS
        ):
            self.stop()


def _for_go(limits: Limits) -> dict[str, str]:
    """Give what Helm needs to be told in process, as a program of its own is told."""
    return {
        "KUBECONFIG": os.devnull,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "GOMAXPROCS": "1",
        "GOGC": "400",
        "GOMEMLIMIT": f"{limits.memory * 2 // 3 // MIB}MiB",
        "GOTRACEBACK": "none",
    }


def _failed(job: UnitJob | CustomJob, failure: Exception) -> RenderError:
    reason, message = _FAILURES[type(failure)]
    return RenderError(
        "template_error", job.unit, message, job.main_source, None, reason
    )
