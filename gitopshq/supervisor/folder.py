"""What a data folder remembers: who runs on it, and its generated secrets.

``up.lock`` is held (flock) for as long as a supervisor runs, so a killed one leaves
nothing to clean. ``run.json`` says where that supervisor's services are; it counts only
while the lock is held, and holds passwords, so only its owner may read it.
"""

import fcntl
import json
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

_PATIENCE = 1.0  # seconds: a reader of `running` holds the lock for an instant


class FolderInUse(Exception):
    """Another supervisor runs on the folder. The text says which."""


@dataclass(frozen=True)
class Running:
    """Where the services of a running supervisor are."""

    pid: int
    base_url: str
    redis_url: str
    database_url: str | None


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make *folder* if needed and keep other supervisors off it.

    :raises FolderInUse: when one is there already.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _locked(lock, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise FolderInUse(_who(folder))
            time.sleep(0.05)
        (folder / "run.json").unlink(missing_ok=True)
        yield
    finally:
        os.close(lock)


def announce(folder: Path, running: Running) -> None:
    """Let ``./run manage`` find the services. Call it while the folder is held."""
    write_private(folder / "run.json", json.dumps(asdict(running)))


def running(folder: Path) -> Running | None:
    """Return where the services of *folder* are, or ``None`` when nothing runs."""
    try:
        lock = os.open(folder / "up.lock", os.O_RDWR)
    except OSError:
        return None
    try:
        if _locked(lock, fcntl.LOCK_SH):
            return None
        return Running(**json.loads((folder / "run.json").read_text("utf-8")))
    except FileNotFoundError:
        return None  # held, and not yet announced
    finally:
        os.close(lock)


def secret(folder: Path, name: str, make: Callable[[], str]) -> str:
    """Return the secret *name* of *folder*, made with *make* the first time.

    Two processes that ask at once get the same one.
    """
    path = folder / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mine = path.with_name(f".{name}.{secrets.token_hex(8)}")
        write_private(mine, make())
        try:
            os.link(mine, path)  # refuses when somebody was first
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text("utf-8").strip()


def write_private(path: Path, text: str) -> None:
    """Write *text* to *path* at once or not at all, readable by its owner only."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _locked(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(folder: Path) -> str:
    there = running(folder)
    where = f" as process {there.pid}, at {there.base_url}" if there else ""
    return (
        f"GitOpsHQ already runs on {folder}{where}: "
        "stop it first, or give another folder in HQ_DATA_DIR"
    )
