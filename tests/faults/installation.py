"""The installation that faults are done to."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from gitopshq.supervisor import environment, folder, services
from tests.faults.apps import CLOCK, LEASE
from tests.faults.client import Client
from tests.stack import Stack
from tests.suite import ROOT

SETTINGS = "tests.faults.settings"


@dataclass(frozen=True)
class Verdict:
    """What is wrong, in words, and what was counted and measured."""

    problems: list[str]
    figures: dict[str, Any]


@dataclass
class Installation:
    """A whole product, a shop of *targets* in it, and somebody's token.

    ``lease`` is in seconds; None is the product's own. ``database`` is the address of
    a server made by ``gitopshq.supervisor.postgres``; "" is SQLite.
    """

    place: Path
    targets: int
    lease: float | None = None
    database: str = ""
    helpers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start(self) -> None:
        """Start it and make what is deployed to."""
        environ = {"DJANGO_SETTINGS_MODULE": SETTINGS}
        if self.lease:
            environ[LEASE] = str(self.lease)
        if self.database:
            environ["DATABASE_URL"] = self.database
        self.stack = Stack(self.place, **environ)
        self.stack.start()
        made = self.inside(f"from tests.faults import shop; shop.build({self.targets})")
        self.client = Client(self.stack.url, json.loads(made)["token"])

    def inside(self, code: str) -> str:
        """Return what *code* prints in the installation's own Django."""
        return self.stack.manage("shell", "--no-imports", "--command", code)

    def verdict(self) -> Verdict:
        """Return what is to be said of what it wrote."""
        told = self.inside("from tests.faults import verdict; verdict.tell()")
        return Verdict(**json.loads(told))

    def add_workers(self, number: int) -> None:
        """Start as many worker processes more, which nobody starts again."""
        worker = (*services.worker().command, "--concurrency", "1")
        environ = environment.complete(self.stack.environ)
        for count in range(number):
            with (self.place / "logs" / f"helper-{count}.log").open("wb") as log:
                self.helpers.append(
                    subprocess.Popen(
                        [*worker, "--hostname", f"worker-{count}@%h"],
                        cwd=ROOT,
                        env=environ,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                    )
                )

    def stop(self) -> tuple[int, str]:
        """End it in order."""
        for helper in self.helpers:
            helper.terminate()
        for helper in self.helpers:
            helper.wait()
        return self.stack.stop()

    def pull_the_plug(self) -> None:
        """Kill everything that belongs to it at one moment, and start it again."""
        assert self.stack.process
        os.killpg(self.stack.process.pid, signal.SIGKILL)
        self.stack.process.communicate()
        self.stack.start()

    def set_clock(self, seconds: float) -> None:
        """Let the clock of all its processes be off by so much."""
        (self.place / CLOCK).write_text(str(seconds))

    @property
    def broker(self) -> str:
        """Where its broker listens now."""
        there = folder.running(self.place)
        assert there
        return there.redis_url

    @property
    def postmaster(self) -> int | None:
        """The process of its PostgreSQL, if it has one."""
        if not self.database:
            return None
        server = Path(unquote(urlsplit(self.database).hostname or ""))
        return int((server / "data" / "postmaster.pid").read_text().split()[0])
