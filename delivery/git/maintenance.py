"""Upkeep of a repository by the git binary: joining packs, and checking them."""

import subprocess
from pathlib import Path

from delivery.git import children
from delivery.git.locks import require_lock

MAX_PACKS = 50
"""Beyond this many packs they are joined."""


def pack_count(repository: Path) -> int:
    """Return how many packs readers see."""
    return sum(1 for _ in (repository / "objects" / "pack").glob("*.idx"))


def repack(
    repository: Path, *, beyond: int = MAX_PACKS, timeout_seconds: float = 600
) -> bool:
    """Join packs if there are more than `beyond`; say whether it was done.

    Every object is kept, reachable or not: a commit may be on its way to its branch.

    :raises subprocess.CalledProcessError: if git fails; the packs are as they were.
    :raises subprocess.TimeoutExpired: if it takes too long.
    :raises delivery.git.locks.LockNotHeld: without the repository's lock.
    """
    descriptor = require_lock(repository)
    if pack_count(repository) <= beyond:
        return False
    _run(
        repository,
        *("repack", "-d", "-l", "-q", "--geometric=2", "--write-midx"),
        timeout_seconds=timeout_seconds,
        # Should we be killed, the lock stays with the child until it ends.
        inherited=(descriptor,),
    )
    return True


def fsck(repository: Path, *, timeout_seconds: float = 600) -> list[str]:
    """Return what `git fsck` finds wrong, one line each; none in a sound repository.

    Objects that no branch reaches are named too.

    :raises subprocess.TimeoutExpired: if it takes too long.
    """
    done = _run(
        repository,
        *("fsck", "--full", "--strict", "--unreachable", "--no-progress"),
        timeout_seconds=timeout_seconds,
        check=False,
    )
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    if done.returncode and not lines:
        lines = [f"git fsck ended with {done.returncode}"]
    return lines


def _run(
    repository: Path,
    *arguments: str,
    timeout_seconds: float,
    inherited: tuple[int, ...] = (),
    check: bool = True,
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        children.command(f"--git-dir={repository}", *arguments),
        env=children.environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=timeout_seconds,
        check=check,
        pass_fds=inherited,
    )
