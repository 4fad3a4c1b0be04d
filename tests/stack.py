"""A whole GitOpsHQ, started as people start it, for tests that need all of it."""

import os
import signal
import subprocess
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from gitopshq.supervisor import valkey
from tests.suite import ROOT, clean

PATIENCE = 120  # seconds; starting takes five on an idle machine


class Stack:
    """One data folder and what runs on it."""

    def __init__(self, data: Path, **environ: str) -> None:
        self.data = data
        self.port = valkey.free_port()
        self.environ: Mapping[str, str] = {
            **clean(os.environ),
            "HQ_DATA_DIR": str(data),
            "PORT": str(self.port),
            **environ,
        }
        self.process: subprocess.Popen[str] | None = None
        self.lines: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, command: str = "up", *arguments: str) -> None:
        """Start it and wait for ``ready:``."""
        self.process = subprocess.Popen(
            [ROOT / "run", command, *arguments],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("ready: "):
                return
        raise AssertionError(self.process.communicate()[1])

    def stop(self, kind: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Ask it to end. Return its exit code and what it said on stderr."""
        assert self.process
        self.process.send_signal(kind)
        try:
            _, said = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        return self.process.returncode, said

    def run(self, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        """Call ``./run`` in the same environment, with *text* as its input."""
        return subprocess.run(
            [ROOT / "run", *arguments],
            env=self.environ,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )

    def manage(self, *arguments: str, text: str = "") -> str:
        """Return what a management command prints."""
        done = self.run("manage", *arguments, text=text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=PATIENCE) as answer:
            return str(answer.read(), "utf-8")
