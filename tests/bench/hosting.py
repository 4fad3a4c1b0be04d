"""The web process as ``./run up`` starts it, on what a benchmark has made.

It reads the same data folder and database as this process. Beside it runs the broker,
which also keeps what pages cache; no worker, so that nothing else is at work.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings

from gitopshq.supervisor import environment, processes, services, valkey

_PATIENCE = 300.0
"""Seconds in which a server must answer."""


@contextmanager
def web(folder: Path) -> Iterator[str]:
    """Serve the product, its logs and its broker in *folder*; yield its address."""
    port = valkey.free_port()
    with valkey.server(folder / "valkey") as broker:
        environ = environment.complete(
            {
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "gitopshq.settings",
                "HQ_DATA_DIR": str(settings.DATA_DIR),
                "PORT": str(port),
                "REDIS_URL": broker,
                "HQ_LOG_LEVEL": "INFO",
            }
        )
        collect = services.manage("collectstatic", "--no-input")
        _run(collect, environ, folder / "static.log")
        spec = services.web(address="127.0.0.1", port=port)
        with running(spec.command, environ, folder / "web.log"):
            address = f"http://127.0.0.1:{port}"
            _wait(f"{address}/healthz")
            yield address


@contextmanager
def running(
    command: tuple[str | Path, ...] | list[str | Path],
    environ: dict[str, str],
    log: Path,
) -> Iterator[None]:
    """Have a server run, writing to *log*, and end it."""
    process = processes.spawn(command, log=log, environ=environ, cwd=services.ROOT)
    try:
        yield
    finally:
        processes.end(process, patience=20)


def _run(command: tuple[str, ...], environ: dict[str, str], log: Path) -> None:
    process = processes.spawn(command, log=log, environ=environ, cwd=services.ROOT)
    assert process.wait(_PATIENCE) == 0, processes.tail(log)


def _wait(address: str) -> None:
    ends_at = time.monotonic() + _PATIENCE
    while True:
        try:
            urlopen(address, timeout=5).close()
        except URLError:
            assert time.monotonic() < ends_at, f"nobody answers at {address}"
            time.sleep(0.05)
        else:
            return
