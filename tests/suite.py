"""``./run test``: the suite on SQLite, then on a real PostgreSQL, with kills beside it.

``--fast`` stops after SQLite, ``--postgres`` leaves it out. Everything else goes to
pytest; then only what was asked for runs, and nobody is killed.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from gitopshq.supervisor import postgres

ROOT = Path(__file__).resolve().parent.parent
PYTEST = (sys.executable, "-m", "pytest")
WORKERS = 2
ROOM = 3 * 2**30
# No test below touches the database of the suite: once is enough. A test that does
# belongs elsewhere.
PURE = (
    "tests/desired",
    "tests/diffs",
    "tests/faults",
    "tests/git",
    "tests/golden",
    "tests/ground",
    "tests/journeys/test_browse_demo.py",
    "tests/journeys/test_check_pages.py",
    "tests/journeys/test_edit_values.py",
    "tests/journeys/test_walk_the_golden_path.py",
    "tests/rendering",
    "tests/test_conventions.py",
)
# Thousands of questions to the same Python code, and what pages say: long, and the same
# whichever database is below. That each page opens on both is shown in tests/demo.
LONG = (
    "tests/approvals/test_show_inbox.py",
    "tests/core/pages",
    "tests/demo/shop/test_hold_budgets.py",
    "tests/environments/pages",
    "tests/journeys/test_bad_input.py",
    "tests/pages",
    "tests/permissions",
    "tests/releases/pages",
)
NOTHING_COLLECTED = 5
# It takes minutes, most of which it waits: for leases to end, for what was killed to be
# started again.
KILLS = "tests/faults/test_kill.py"


def main(arguments: Sequence[str]) -> int:
    rest = [given for given in arguments if given not in {"--fast", "--postgres"}]
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="hq-suite-", dir=in_memory())
        )
        # PostgreSQL runs as somebody else than root, and must get to what is its own.
        Path(folder).chmod(0o711)
        environ = {**compiling(clean(os.environ), Path(folder)), "TMPDIR": folder}
        environ["HQ_SHOWN_FILE"] = str(Path(folder) / "shown")
        if "--postgres" not in arguments:
            print("the suite on SQLite", flush=True)
            code = pytest(rest, environ)
            if code or "--fast" in arguments:
                return code
        environ["DATABASE_URL"] = stack.enter_context(postgres.server())
        print("the suite on PostgreSQL", flush=True)
        ignored = [f"--ignore={path}" for path in PURE + LONG if (ROOT / path).exists()]
        if rest:
            code = pytest([*ignored, *rest], environ)
            # Nothing was left to run here: what was asked for ran above.
            return 0 if code == NOTHING_COLLECTED else code
        with killing(environ, Path(folder) / "kills.log") as kills:
            code = pytest(ignored, environ)
            return code or kills.wait()


@contextmanager
def killing(
    environ: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Kill an installation amid deploys beside other tests; tell of it at the end."""
    with log.open("wb") as said, alone([KILLS], environ, said) as kills:
        yield kills
    print("killed amid deploys", log.read_text(), sep="\n", flush=True)


def in_memory() -> str | None:
    """Return a folder in memory, None where there is none of use.

    Repositories are fsynced for every commit: on a disk the suite takes twice as long.
    """
    place = Path("/dev/shm")
    if not os.access(place, os.W_OK):
        return None
    found = os.statvfs(place)
    # Engines are unpacked there, and run.
    has_room = found.f_bavail * found.f_frsize > ROOM
    return str(place) if has_room and not found.f_flag & os.ST_NOEXEC else None


def compiling(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return *environ*, in which no module is compiled twice.

    Who does not want bytecode beside the sources has it in *folder*: else each of the
    hundred processes that tests start compiles Django first, for three seconds.
    """
    if not environ.get("PYTHONDONTWRITEBYTECODE"):
        return dict(environ)
    prefix = str(folder / "bytecode")
    return {
        "PYTHONPYCACHEPREFIX": prefix,
        **environ,
        "PYTHONDONTWRITEBYTECODE": "",
    }


def pytest(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    return subprocess.run(
        [*PYTEST, "-n", str(WORKERS), "--dist=loadgroup", *arguments],
        cwd=ROOT,
        env=environ,
        check=False,
    ).returncode


def alone(
    arguments: Sequence[str], environ: Mapping[str, str], said: IO[bytes]
) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [*PYTEST, "-n", "0", *arguments],
        cwd=ROOT,
        env={**environ, "WITH_FAULTS": "1"},
        stdout=said,
        stderr=subprocess.STDOUT,
    )


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Return *environ* without what would point tests at somebody's own services."""
    ours = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PORT", "DJANGO_SETTINGS_MODULE"}
    return {
        name: value
        for name, value in environ.items()
        if name not in ours and (name == "HQ_TEST_SCALE" or not name.startswith("HQ_"))
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
