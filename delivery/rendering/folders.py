"""Private folders for children, removed even where their owner was killed.

The owner holds a lock on a file in its folder; a folder whose lock is free belongs to
nobody, and whoever makes the next one removes it.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Final, Self

PREFIX: Final = "gitopshq-render-"
UNLOCKED_SECONDS: Final = 3600
"""How long a folder may be without a lock file: its owner may be just making it."""


class PrivateFolder:
    """A new folder that only this user may enter."""

    def __init__(self, parent: Path | None = None) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent)).resolve()
        self._lock = os.open(
            self._lock_file(self.path), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
        )
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    @classmethod
    def make(cls, parent: Path | None = None) -> Self:
        """Make a folder, after removing those that dead owners left behind."""
        for left in Path(parent or tempfile.gettempdir()).glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):
                cls._remove_if_left(left)
        return cls(parent)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)

    @staticmethod
    def _lock_file(folder: Path) -> Path:
        return folder / ".owner"

    @classmethod
    def _remove_if_left(cls, folder: Path) -> None:
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return
        lock_file = cls._lock_file(folder)
        if not lock_file.exists():
            if time.time() - folder.stat().st_mtime > UNLOCKED_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
            return
        with lock_file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
