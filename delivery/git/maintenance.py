"""Upkeep of a repository by the git binary: joining packs, and checking them."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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

    Every object is kept: a commit may be on its way to its branch, and what another
    repository lends today may be lost there tomorrow.

    :raises subprocess.CalledProcessError: if git fails; the packs are as they were.
    :raises subprocess.TimeoutExpired: if it takes too long.
    :raises delivery.git.locks.LockNotHeld: without the repository's lock.
    """
    descriptor = require_lock(repository)
    if pack_count(repository) <= beyond:
        return False
    with _alone(repository) as view:
        _run(
            view,
            *("repack", "-d", "-q", "--geometric=2", "--write-midx"),
            timeout_seconds=timeout_seconds,
            # Should we be killed, the lock stays with the child until it ends.
            inherited=(descriptor,),
        )
    return True


def drop_unreachable(repository: Path, *, timeout_seconds: float = 600) -> None:
    """Remove every object that no branch reaches, for good.

    :raises subprocess.CalledProcessError: if git fails; the packs are as they were.
    :raises subprocess.TimeoutExpired: if it takes too long.
    :raises delivery.git.locks.LockNotHeld: without the repository's lock.
    """
    descriptor = require_lock(repository)
    for arguments in (("repack", "-a", "-d", "-l", "-q"), ("prune", "--expire=now")):
        _run(
            repository,
            *arguments,
            timeout_seconds=timeout_seconds,
            inherited=(descriptor,),
        )


def fsck(
    repository: Path, *, unreachable: bool = True, timeout_seconds: float = 600
) -> list[str]:
    """Return what `git fsck` finds wrong, one line each; none in a sound repository.

    :param unreachable: name the objects that no branch reaches, too.
    :raises subprocess.TimeoutExpired: if it takes too long.
    """
    done = _run(
        repository,
        *("fsck", "--full", "--strict", "--no-progress"),
        "--unreachable" if unreachable else "--no-dangling",
        timeout_seconds=timeout_seconds,
        check=False,
    )
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    if done.returncode and not lines:
        lines = [f"git fsck ended with {done.returncode}"]
    return lines


@contextmanager
def _alone(repository: Path) -> Iterator[Path]:
    """Show git the packs of a repository without those it borrows.

    Beside a lender git drops what the lender holds too, and fails outright where a pack
    of the same name lies there.
    """
    view = repository / "gitopshq-repack"
    shutil.rmtree(view, ignore_errors=True)
    try:
        (view / "refs").mkdir(parents=True)
        (view / "objects").mkdir()
        (view / "objects" / "pack").symlink_to(repository / "objects" / "pack")
        shutil.copy(repository / "config", view / "config")
        (view / "HEAD").write_text("ref: refs/heads/none\n")
        yield view
    finally:
        shutil.rmtree(view, ignore_errors=True)


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
