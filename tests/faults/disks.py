"""A disk of one's own, small enough to fill and easy to make read-only."""

import errno
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = "24m"
_CHUNK = b"\0" * 2**16


class MayNotMount(Exception):
    """Only who may mount can have a disk of their own."""


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """Have *place* on a disk of its own.

    :raises MayNotMount: when this machine does not let us
    """
    place.mkdir(parents=True, exist_ok=True)
    if not _done("mount", "-t", "tmpfs", "-o", f"size={SIZE}", "hq-faults", place):
        raise MayNotMount
    try:
        yield
    finally:
        _done("umount", "--lazy", place)


@contextmanager
def full(place: Path) -> Iterator[None]:
    """Leave no byte free at *place*."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(_CHUNK)
    assert _is_full(place)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Let nobody write at *place*.

    Waits for a moment when no file is open for writing.
    """
    while not _done("mount", "-o", "remount,ro", place):
        time.sleep(0.02)
    try:
        yield
    finally:
        assert _done("mount", "-o", "remount,rw", place)


def _is_full(place: Path) -> bool:
    try:
        (place / "probe").write_bytes(b"x" * 2**17)
    except OSError as error:
        return error.errno == errno.ENOSPC
    finally:
        with suppress(OSError):
            (place / "probe").unlink()
    return False


def _done(*command: object) -> bool:
    try:
        done = subprocess.run(
            [str(part) for part in command], capture_output=True, check=False
        )
    except FileNotFoundError:
        return False
    return done.returncode == 0
