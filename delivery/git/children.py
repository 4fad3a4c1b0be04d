"""Running the git binary: where it is, what it is told, and how it ends.

A child gets an environment of its own making, no configuration but the repository's,
and a process group that dies as one.
"""

import contextlib
import os
import select
import shutil
import signal
import subprocess
from functools import cache
from pathlib import Path


class GitMissing(RuntimeError):
    """There is no git on PATH."""


@cache
def git_binary() -> str:
    """Return the absolute path of git.

    :raises GitMissing: if PATH has none.
    """
    found = shutil.which("git")
    if found is None:
        raise GitMissing("git is needed to serve and to maintain repositories")
    return str(Path(found).absolute())


def command(*arguments: str) -> list[str]:
    """Return the command line of a git child.

    The data folder may belong to another user, as on mounted volumes; its repositories
    are all ours.
    """
    return [git_binary(), "-c", "safe.directory=*", *arguments]


def environment(protocol: str = "") -> dict[str, str]:
    """Return the whole environment of a git child.

    :param protocol: value of GIT_PROTOCOL, checked by the caller.
    """
    clean = {
        "PATH": f"{Path(git_binary()).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }
    if protocol:
        clean["GIT_PROTOCOL"] = protocol
    return clean


def await_end(child: "subprocess.Popen[bytes]", *, seconds: float) -> None:
    """Wait until a child ends, for so long at most; it is not reaped.

    `Popen.wait` with a time-out looks again and again, a millisecond apart at least:
    as long as git takes for a whole answer.
    """
    try:
        ended = os.pidfd_open(child.pid)
    except ProcessLookupError:  # reaped by another thread meanwhile
        return
    try:
        asking = select.poll()
        asking.register(ended, select.POLLIN)
        asking.poll(seconds * 1000)
    finally:
        os.close(ended)


def kill_group(child: "subprocess.Popen[bytes]") -> None:
    """End a child started in a group of its own, with all it started, and reap it."""
    # A child that was reaped already may have left its id to someone else.
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()
