"""``./run up`` and ``./run demo``: everything started in order, in one process group.

stdout gets the demo's logins and one line ``ready: …``; everything else goes to stderr.
The code of a clean stop is 0.
"""

import argparse
import http.client
import ipaddress
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from gitopshq.env import env_int, env_str
from gitopshq.supervisor import (
    environment,
    folder,
    processes,
    services,
    valkey,
)
from gitopshq.supervisor.children import Children, GaveUp, Spec

_TICK = 0.2  # seconds between two looks at the children
_LOOPBACK_NAMES = {"localhost", "ip6-localhost"}


class CannotStart(Exception):
    """The text says why, and what to do about it."""


class Stopped(Exception):
    """Somebody asked us to end while we were starting."""


def main(command: str, arguments: Sequence[str]) -> int:
    """Run until somebody asks to stop. Return the exit code."""
    try:
        options = _options(command, arguments)
        demo = command == "demo"
        address, port = _address(demo=demo, public=getattr(options, "public", False))
        default = environment.DEMO if demo else environment.DEMO.parent
        data = environment.data_folder(os.environ, default)
        supervisor = Supervisor(data, address=address, port=port)
        with folder.held(data):
            supervisor.run(demo=demo)
    except (CannotStart, ImproperlyConfigured, GaveUp, folder.FolderInUse) as refusal:
        print(f"{command}: {refusal}", file=sys.stderr, flush=True)
        return 1
    return 0


class Supervisor:
    """One data folder, one address, and the processes that serve it."""

    def __init__(self, data: Path, *, address: str, port: int) -> None:
        self.data = data
        self.address = address
        self.port = port
        self.logs = data / "logs"
        self.environ = {
            **os.environ,
            "HQ_DATA_DIR": str(data),
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
        }
        self._stopping = threading.Event()
        self._broker = self._children()
        self._services = self._children()

    def run(self, *, demo: bool) -> None:
        """Start everything, say ``ready:``, and mind it until asked to stop.

        :raises CannotStart: when the address is taken or a step fails.
        :raises GaveUp: when a process does not stay alive.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._stopping.set())
        if not valkey.is_free(self.address, self.port):
            raise CannotStart(
                f"port {self.port} of {self.address} is in use: "
                "end what listens there, or give another in PORT"
            )
        try:
            self._start(demo=demo)
            while not self._stopping.wait(_TICK):
                self._broker.check()
                self._services.check()
        except Stopped:
            pass
        finally:
            _say("stopping")
            self._services.stop()
            self._broker.stop()

    def _start(self, *, demo: bool) -> None:
        self._start_broker()
        self._announce()
        self.environ = environment.complete(self.environ)
        self._services = self._children()
        self._step("migrate", "migrate", "--no-input")
        self._collect_static()
        self._services.start(services.worker())
        self._services.start(services.chores())
        self._services.start(services.beat(self.data))
        self._services.start(services.web(address=self.address, port=self.port))
        self._wait_for(self._serves)
        if demo:
            self._step("seed", "seed_demo", shows_output=True)
        print(f"ready: {self._url()}", flush=True)

    def _start_broker(self) -> None:
        if env_str("REDIS_URL", ""):
            return
        prepared = valkey.prepare(self.data / "valkey")
        self._broker.start(Spec("valkey", prepared.command))
        self.environ["REDIS_URL"] = prepared.url
        self._wait_for(lambda: valkey.answers(prepared.url))

    def _announce(self) -> None:
        redis_url = self.environ.get("REDIS_URL") or env_str("REDIS_URL")
        there = folder.Running(
            pid=os.getpid(),
            base_url=env_str("HQ_BASE_URL", self._url()),
            redis_url=redis_url,
            database_url=env_str("DATABASE_URL", "") or None,
        )
        folder.announce(self.data, there)

    def _collect_static(self) -> None:
        stamp = self.data / "static.stamp"
        wanted = services.static_fingerprint(self.environ)
        if not stamp.exists() or stamp.read_text("ascii") != wanted:
            self._step("static", "collectstatic", "--no-input")
            stamp.write_text(wanted, "ascii")

    def _step(self, name: str, *arguments: str, shows_output: bool = False) -> None:
        """Run a management command to its end while minding the children."""
        log = self.logs / f"{name}.log"
        process = processes.spawn(
            services.manage(*arguments),
            log=log,
            environ=self.environ,
            cwd=services.ROOT,
            shows_output=shows_output,
        )
        try:
            self._wait_for(lambda: process.poll() is not None)
        finally:
            processes.end(process, patience=5)
        if process.returncode:
            raise CannotStart(
                f"manage.py {' '.join(arguments)} failed. "
                f"The end of {log}:\n{processes.tail(log)}"
            )

    def _wait_for(self, done: Callable[[], bool]) -> None:
        """Wait until *done*, minding the children; what dies now is a failed start."""
        while not done():
            self._broker.check(forgiving=False)
            self._services.check(forgiving=False)
            if self._stopping.wait(_TICK / 4):
                raise Stopped

    def _serves(self) -> bool:
        """Tell whether the web answers. A refused ``Host`` is an answer too."""
        connection = http.client.HTTPConnection(self._host(), self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _children(self) -> Children:
        return Children(
            environ=self.environ, logs=self.logs, cwd=services.ROOT, say=_say
        )

    def _host(self) -> str:
        if self.address in {"0.0.0.0", "::"}:  # noqa: S104 (asked for by HQ_BIND)
            return "127.0.0.1"
        return self.address

    def _url(self) -> str:
        host = self._host()
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def _options(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"./run {command}")
    if command == "demo":
        parser.add_argument(
            "--public",
            action="store_true",
            help="allow HQ_BIND to be an address that other machines can reach, "
            "although everybody knows the demo's passwords",
        )
    return parser.parse_args(arguments)


def _address(*, demo: bool, public: bool) -> tuple[str, int]:
    address = env_str("HQ_BIND", "127.0.0.1")
    port = env_int("PORT", int(environment.DEFAULT_PORT), least=1, most=65535)
    try:
        loopback = (
            address in _LOOPBACK_NAMES or ipaddress.ip_address(address).is_loopback
        )
    except ValueError:
        raise CannotStart(f"HQ_BIND is {address!r}: say an IP address") from None
    if demo and not loopback and not public:
        raise CannotStart(
            f"HQ_BIND is {address}, and the demo's passwords are public: "
            "use a loopback address, or say --public if you mean it"
        )
    return address, port


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
