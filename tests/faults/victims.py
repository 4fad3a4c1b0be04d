"""Finding the processes of an installation, by what they are."""

import os
import random
import time

from tests.faults.installation import Installation
from tests.processes import Process, running

REST = 12.0
"""Seconds between two deaths of what the supervisor starts again: it gives up after
five short lives."""
KINDS = {
    "web": ("gunicorn",),
    "worker": ("celery", "--hostname worker"),
    "chores": ("celery", "--hostname chores"),
    "beat": ("celery", " beat "),
    "broker": ("valkey-server",),
    "renderer": ("delivery.rendering.child",),
    "database": ("postgres:",),
}


class Victims:
    """The processes of one installation; those that need a rest are spared."""

    def __init__(self, ground: Installation) -> None:
        self._ground = ground
        self._died_at: dict[str, float] = {}

    def one_of(self, kind: str, chance: random.Random) -> Process | None:
        """Draw a process of a kind."""
        found = sorted(self._all(kind), key=lambda process: process.pid)
        if not found:
            return None
        victim = chance.choice(found)
        if self._is_minded(victim):
            self._died_at[kind] = time.monotonic()
        return victim

    def _all(self, kind: str) -> list[Process]:
        rests = time.monotonic() - self._died_at.get(kind, -REST) < REST
        return [
            process
            for process in running()
            if all(word in process.command for word in KINDS[kind])
            and self._is_ours(process, kind)
            and not (rests and self._is_minded(process))
        ]

    def _is_ours(self, process: Process, kind: str) -> bool:
        if kind == "database":
            return process.parent == self._ground.postmaster
        # A rendering child has a session of its own; its parent is one of the group.
        return self._supervisor in (process.group, _group_of(process.parent))

    def _is_minded(self, process: Process) -> bool:
        return process.parent == self._supervisor

    @property
    def _supervisor(self) -> int:
        assert self._ground.stack.process
        return self._ground.stack.process.pid


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
