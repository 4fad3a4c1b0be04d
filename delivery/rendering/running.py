"""Running one engine as a limited process and collecting what it prints.

Only the rendering child does this: none of its other threads holds a lock meanwhile, so
code may run between fork and exec. What the output means is for `helm` and `kustomize`.
"""

import os
import select
import selectors
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from delivery.rendering.limits import Limits, limit_engine, resident_bytes

MIB: Final = 1 << 20
MAX_STDERR: Final = 1 * MIB
POLL_SECONDS: Final = 0.05

StopReason = Literal["timeout", "memory", "output"]

_GO_MEMORY_DEATHS = ("out of memory", "cannot allocate memory", "runtime: VirtualAlloc")


class EngineStopped(Exception):
    """An engine went past a limit and was killed."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class EngineExit:
    """How an engine ended on its own."""

    code: int
    stdout: bytes
    stderr: str


@dataclass(frozen=True)
class Engines:
    """The programs, the private folder they may write to, and their limits."""

    helm: Path
    kubectl: Path
    home: Path
    limits: Limits
    watched_pipe: int | None = None

    def environment(self) -> dict[str, str]:
        """Give the whole environment of an engine: no PATH, no home, no cluster."""
        home = str(self.home)
        return {
            "PATH": "",
            "HOME": home,
            "TMPDIR": home,
            "KUBECONFIG": os.devnull,
            "HELM_CACHE_HOME": f"{home}/helm",
            "HELM_CONFIG_HOME": f"{home}/helm",
            "HELM_DATA_HOME": f"{home}/helm",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            # Short-lived and watched: rare garbage collection saves a tenth of it.
            "GOGC": "400",
            "GOMEMLIMIT": f"{self.limits.memory * 2 // 3 // MIB}MiB",
            "GOTRACEBACK": "none",
        }

    def run(
        self, command: Sequence[str], *, folder: Path, deadline: float
    ) -> EngineExit:
        """Run a program in a folder until it ends or passes a limit.

        :raises EngineStopped: too long, too large, or too much output.
        """
        return _run(command, folder, self.environment(), deadline, self)

    def end_with_worker(self) -> None:
        """End this process, whatever its threads do, if nobody waits for it."""
        if self.watched_pipe is not None and _is_closed(self.watched_pipe):
            os._exit(0)


def _run(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    deadline: float,
    engines: Engines,
) -> EngineExit:
    limits = engines.limits
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=partial(limit_engine, limits.cpu_seconds),  # noqa: PLW1509
    ) as process:
        try:
            stdout, stderr = _collect(process, deadline, engines)
            code = process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired as refusal:
            raise EngineStopped("timeout") from refusal
        finally:
            process.kill()
    text = stderr.decode("utf-8", "replace")
    if code and any(sign in text for sign in _GO_MEMORY_DEATHS):
        raise EngineStopped("memory")
    if code < 0:
        # The kernel ended it: its CPU time was used up, or memory ran short.
        raise EngineStopped("timeout" if -code in _CPU_SIGNALS else "memory")
    return EngineExit(code, stdout, text)


_CPU_SIGNALS: Final = frozenset({24, 9})


def _collect(
    process: "subprocess.Popen[bytes]", deadline: float, engines: Engines
) -> tuple[bytes, bytes]:
    """Read both streams to their ends, watching time, size and the parent."""
    limits = engines.limits
    stdout, stderr = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, kept in ((process.stdout, stdout), (process.stderr, stderr)):
            assert stream is not None
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ, kept)
        while selector.get_map():
            for key, _ in selector.select(POLL_SECONDS):
                part = os.read(key.fd, MIB)
                key.data.extend(part)
                if not part:
                    selector.unregister(key.fileobj)
            del stderr[MAX_STDERR:]
            if len(stdout) > limits.output:
                raise EngineStopped("output")
            if time.monotonic() > deadline:
                raise EngineStopped("timeout")
            if resident_bytes(process.pid) > limits.memory:
                raise EngineStopped("memory")
            engines.end_with_worker()
    return bytes(stdout), bytes(stderr)


def _is_closed(pipe: int) -> bool:
    """Tell whether the worker at the other end has died."""
    poll = select.poll()
    poll.register(pipe, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))
