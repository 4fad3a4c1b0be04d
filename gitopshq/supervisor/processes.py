"""Starting and ending one process: what every service here has in common."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 10 * 1024 * 1024  # bytes; a longer log starts anew, one old part is kept


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    shows_output: bool = False,
) -> subprocess.Popen[bytes]:
    """Start *command* in our process group, writing to *log*.

    One that *shows_output* writes only its errors there, and the rest to our stdout.

    Ctrl+C in a terminal reaches the whole group at once. The child does not see it, so
    that we can end the children in order; and it is told to end when we are killed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(f"{log.suffix}.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            env=environ,
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            stdin=subprocess.DEVNULL,
            stdout=None if shows_output else output,
            stderr=output,
            # Runs in a process of one thread between fork and exec.
            preexec_fn=_child_setup(os.getpid()),  # noqa: PLW1509
        )


def end(
    process: subprocess.Popen[bytes],
    *,
    first: signal.Signals = signal.SIGTERM,
    patience: float,
) -> None:
    """Ask *process* to end with *first*, and kill it after *patience* seconds."""
    if process.poll() is None:
        process.send_signal(first)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(log: Path, lines: int = 20) -> str:
    """Return the last *lines* lines of *log*, or an empty text."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 64 * 1024))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])


def _child_setup(parent: int) -> Callable[[], None]:
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None)  # loaded here: after the fork it could wait for a lock

    def setup() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked to be told
            os.kill(os.getpid(), signal.SIGTERM)

    return setup
