"""How much one rendering may take, and how a process is held to it.

Sizes in bytes, times in seconds. Nothing here knows what is rendered.
"""

import contextlib
import ctypes
import os
import resource
import signal
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

MIB: Final = 1 << 20

_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Limits:
    """Limits of one rendering, and of the child that does them.

    ``together_seconds`` is for several units whose overlays are built together: what is
    not ready by then is rendered alone. ``memory`` is watched as resident size;
    ``address_space`` is a backstop only, since a Go program reserves over a gigabyte
    before it does anything.
    """

    seconds: float = 60
    together_seconds: float = 20
    cpu_seconds: int = 60
    memory: int = 1536 * MIB
    address_space: int = 3072 * MIB
    open_files: int = 256
    file_size: int = 128 * MIB
    output: int = 64 * MIB
    documents: int = 10_000
    renderings: int = 500
    child_memory: int = 300 * MIB

    def to_json(self) -> dict[str, Any]:
        """Give the limits as JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(**data)


def limit_this_process(limits: Limits) -> None:
    """Hold this process, and all it starts, to the limits other than time."""
    _lower(resource.RLIMIT_AS, limits.address_space)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    _lower(resource.RLIMIT_FSIZE, limits.file_size)
    _lower(resource.RLIMIT_CORE, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def limit_cpu_from_now(seconds: int) -> None:
    """Let this process use so much more CPU time before the kernel ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def limit_engine(cpu_seconds: int) -> None:
    """Between fork and exec: limit an engine's CPU time and tie its life to ours."""
    _lower(resource.RLIMIT_CPU, cpu_seconds)
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def leave_network() -> bool:
    """Move this process to a network of its own without any device.

    Gives ``False`` where the kernel does not permit it.
    """
    for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET):
        if _libc.unshare(flags) == 0:
            return True
    return False


def resident_bytes(pid: int | None = None) -> int:
    """Give the resident size of a process, 0 if it is gone."""
    try:
        statm = Path(f"/proc/{pid or 'self'}/statm").read_text(encoding="ascii")
        return int(statm.split()[1]) * resource.getpagesize()
    except (OSError, IndexError, ValueError):
        return 0


def kill_group(leader: int) -> None:
    """Kill a process and everything in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _lower(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))
