"""The long-running processes of one GitOpsHQ: started, minded, and ended in order.

A child that dies is started again. One that dies five times in a row, each time within
ten seconds, will not come back by trying: then everything stops, with its last words.
"""

import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gitopshq.supervisor import processes

_SHORT_LIFE = 10.0  # seconds
_MOST_DEATHS = 5
_FIRST_PAUSE = 0.2  # seconds before the second try; doubles with every other


class GaveUp(Exception):
    """A child does not stay alive. The text says which, and ends with its log."""


@dataclass(frozen=True)
class Spec:
    """What to run under which name, and for how many seconds it may finish its work."""

    name: str
    command: Sequence[str | Path]
    patience: float = 10.0


@dataclass
class _Child:
    spec: Spec
    process: subprocess.Popen[bytes]
    started_at: float = field(default_factory=time.monotonic)
    short_lives: int = 0
    next_try_at: float | None = None


class Children:
    """All children of a supervisor, in the order in which they were started."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        logs: Path,
        cwd: Path,
        say: Callable[[str], None],
    ) -> None:
        self._environ = environ
        self._logs = logs
        self._cwd = cwd
        self._say = say
        self._children: list[_Child] = []

    def start(self, spec: Spec) -> None:
        """Start *spec* and mind it from now on."""
        self._children.append(_Child(spec, self._spawn(spec)))

    def check(self, *, forgiving: bool = True) -> None:
        """Start again what has died. Call this several times a second.

        :raises GaveUp: when a child keeps dying; not *forgiving*, at its first death.
        """
        for child in self._children:
            if child.next_try_at is None:
                if child.process.poll() is not None:
                    self._note_death(child, forgiving=forgiving)
            elif time.monotonic() >= child.next_try_at:
                child.process = self._spawn(child.spec)
                child.started_at = time.monotonic()
                child.next_try_at = None

    def stop(self) -> None:
        """Ask all to end at once, and wait; kill those that outlast their patience."""
        asked_at = time.monotonic()
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
        for child in reversed(self._children):
            left = child.spec.patience - (time.monotonic() - asked_at)
            processes.end(child.process, patience=max(left, 0.1))
        self._children.clear()

    def log(self, name: str) -> Path:
        """Return where the child *name* writes."""
        return self._logs / f"{name}.log"

    def _spawn(self, spec: Spec) -> subprocess.Popen[bytes]:
        return processes.spawn(
            spec.command, log=self.log(spec.name), environ=self._environ, cwd=self._cwd
        )

    def _note_death(self, child: _Child, *, forgiving: bool) -> None:
        code = child.process.returncode
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        lived = time.monotonic() - child.started_at
        child.short_lives = child.short_lives + 1 if lived < _SHORT_LIFE else 1
        log = self.log(child.spec.name)
        if not forgiving or child.short_lives >= _MOST_DEATHS:
            times = f", {child.short_lives} times in a row" if forgiving else ""
            raise GaveUp(
                f"{child.spec.name} ended {how}{times}. "
                f"The end of {log}:\n{processes.tail(log)}"
            )
        pause = _FIRST_PAUSE * 2 ** (child.short_lives - 1)
        child.next_try_at = time.monotonic() + pause
        self._say(f"{child.spec.name} ended {how}; starting it again (see {log})")
