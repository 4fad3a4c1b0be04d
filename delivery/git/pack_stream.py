"""The output of a git child as an iterator that ends the child when it is closed."""

import logging
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from delivery.git import children

log = logging.getLogger(__name__)

NICENESS = 10
"""Of a child, above ours: who looks at a page goes first, a clone may take longer."""
_NICEST = 19
_CHUNK = 65536
_STDERR_SHOWN = 2000
_GRACE_SECONDS = 5.0


class PackStream:
    """Iterates over what a child prints, for one reader.

    The child ends, with all it started, when it is done, when the stream is closed, or
    at the end of its wall clock even if nobody reads any more; then, once, `on_end` is
    called.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        stdin: int,
        wall_clock_seconds: float,
        on_end: Callable[[], None],
    ) -> None:
        self._on_end = on_end
        self._ending = threading.Lock()
        self._ended = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _end
        try:
            self._child = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=environment,
                cwd="/",
                bufsize=0,
                # A group to end it by, and no session: each of those may be given as
                # much of the processor as the whole web process has.
                process_group=0,
            )
        except BaseException:
            self._stderr.close()
            raise
        behind_us = min(os.getpriority(os.PRIO_PROCESS, 0) + NICENESS, _NICEST)
        os.setpriority(os.PRIO_PGRP, self._child.pid, behind_us)
        self._watchdog = threading.Timer(wall_clock_seconds, self._time_is_up)
        self._watchdog.daemon = True
        self._watchdog.start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        assert self._child.stdout is not None
        if not self._child.stdout.closed:
            part = os.read(self._child.stdout.fileno(), _CHUNK)
            if part:
                return part
            self._finish()
        raise StopIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child if it still runs; the client may have gone."""
        self._end()
        assert self._child.stdout is not None
        self._child.stdout.close()

    def _finish(self) -> None:
        """Let a child that closed its output end by itself, then clear up."""
        if not self._ended:
            children.await_end(self._child, seconds=_GRACE_SECONDS)
        self.close()

    def _time_is_up(self) -> None:
        if not self._ended:
            log.warning("git child %s ended by the wall clock", self._child.pid)
        self._end()

    def _end(self) -> None:
        with self._ending:
            if self._ended:
                return
            self._ended = True
            children.kill_group(self._child)
            self._tell()
            self._stderr.close()
        self._watchdog.cancel()
        self._on_end()

    def _tell(self) -> None:
        """Log what a child said that failed; one we killed has nothing to say."""
        code = self._child.returncode
        if code > 0:
            self._stderr.seek(0)
            said = self._stderr.read(_STDERR_SHOWN).decode(errors="replace")
            log.warning("git ended with %s: %s", code, said.strip())
