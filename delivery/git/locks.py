"""The lock every writer of a repository holds, and clearing what a killed one left.

It keeps writers of one machine apart, over threads and processes. It does not replace
the compare-and-swap of refs, and readers never take it.
"""

import fcntl
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from delivery.git import journal

_LOCK_NAME = "gitopshq-writers"
_TURN_NAME = "gitopshq-turn"

_held: dict[tuple[str, int], int] = {}
"""File descriptors of the locks held now, by repository and thread."""


class RepositoryBusy(Exception):
    """Another writer kept the repository's lock for too long."""


class LockNotHeld(RuntimeError):
    """A write was tried without the repository's lock: a mistake in the caller."""


@contextmanager
def lock(path: Path, *, timeout_seconds: float = 30.0) -> Iterator[None]:
    """Hold the writers' lock of the repository at `path`; not reentrant.

    What killed writers left behind is cleared before the block begins: `.lock` files,
    half-written packs, and objects that were copied but never published.

    :raises RepositoryBusy: if the lock is not free within `timeout_seconds`.
    """
    key = _key(path)
    if key in _held:
        raise RuntimeError(f"{path}: this thread already holds the lock")
    descriptor = os.open(path / _LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        _wait_for(descriptor, path, time.monotonic() + timeout_seconds)
        _held[key] = descriptor
        try:
            _reap(path)
            yield
        finally:
            del _held[key]
    finally:
        # Closing frees the lock, unless a child of ours still runs with it: then the
        # next writer rightly waits for that child.
        os.close(descriptor)


@contextmanager
def turn(path: Path, *, timeout_seconds: float) -> Iterator[bool]:
    """Wait for so long at most until nobody else has a turn at the repository.

    Yields whether it came. It guards nothing: who goes on without it may lose a race
    that would have been spared.
    """
    descriptor = os.open(path / _TURN_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        try:
            _wait_for(descriptor, path, time.monotonic() + timeout_seconds)
            came = True
        except RepositoryBusy:
            came = False
        yield came
    finally:
        os.close(descriptor)


def require_lock(path: Path) -> int:
    """Return the descriptor of the lock this thread holds on `path`.

    :raises LockNotHeld: if it holds none.
    """
    try:
        return _held[_key(path)]
    except KeyError:
        raise LockNotHeld(f"{path}: write without the repository's lock") from None


def _key(path: Path) -> tuple[str, int]:
    return os.path.realpath(path), threading.get_ident()


def _wait_for(descriptor: int, path: Path, deadline: float) -> None:
    pause = 0.001
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise RepositoryBusy(str(path)) from None
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(pause * 2, 0.05)
        else:
            return


def leftovers(path: Path) -> Iterator[Path]:
    """Yield the files of writers: of one at work now, or of those that were killed."""
    packs = path / "objects" / "pack"
    yield from path.glob("*.lock")
    yield from (path / "refs").rglob("*.lock")
    yield from packs.glob("*.lock")
    yield from packs.glob("tmp*")
    yield from packs.glob(".tmp-*")


def _reap(path: Path) -> None:
    """Remove leftovers; safe because every writer works under the lock held now."""
    for leftover in list(leftovers(path)):
        leftover.unlink(missing_ok=True)
    journal.settle(path)
