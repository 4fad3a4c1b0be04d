"""What one GitOpsHQ consists of: the commands of its processes.

How they are minded stands in ``children``, the order in which they start in ``up``.
"""

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

from gitopshq.queues import CHORES, JOBS
from gitopshq.supervisor.children import Spec

ROOT = Path(__file__).resolve().parents[2]
_CELERY = (sys.executable, "-m", "celery", "--app", "gitopshq.celery:app")
_WORKERS = 2  # of each queue; for jobs each holds one warm rendering child
_WEB_PROCESSES = 2
# Of one process. Clones hold some, at work or waiting for it: as many as delivery.git
# lets them (UploadPack), four and sixteen where there are two cores. The rest is for
# pages, which end soon.
_WEB_THREADS = 32


def web(*, address: str, port: int) -> Spec:
    """Return what serves pages, API and hosted Git."""
    host = f"[{address}]" if ":" in address else address
    # Workers show that they live by touching a file: better in memory than on a disk.
    memory = Path("/dev/shm")  # noqa: S108 (gunicorn makes a private file in it)
    heartbeat = ("--worker-tmp-dir", str(memory)) if memory.is_dir() else ()
    return Spec(
        "web",
        (
            *(sys.executable, "-m", "gunicorn", "gitopshq.wsgi:application"),
            *("--config", "python:gitopshq.supervisor.listening"),
            *("--bind", f"{host}:{port}"),
            *("--worker-class", "gthread"),
            *("--workers", str(_WEB_PROCESSES), "--threads", str(_WEB_THREADS)),
            *("--timeout", "60", "--graceful-timeout", "10"),
            # Loaded once, then forked: starts sooner, and says at once what is wrong.
            *("--preload", "--no-control-socket", *heartbeat),
        ),
        patience=15.0,
    )


def worker() -> Spec:
    """Return what renders and deploys. Asked to end, it may finish what it is at."""
    return _worker("worker", JOBS)


def chores() -> Spec:
    """Return what keeps counters, mirrors and repositories in order, beside that."""
    return _worker("chores", CHORES)


def _worker(name: str, queue: str) -> Spec:
    return Spec(
        name,
        (
            *(*_CELERY, "worker", "--hostname", f"{name}@%h", "--queues", queue),
            *("--pool", "prefork", "--concurrency", str(_WORKERS)),
            *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
        ),
        patience=25.0,
    )


def beat(data: Path) -> Spec:
    """Return what rings when something is due: reapers, expiry, mirrors."""
    schedule = data / "beat" / "schedule"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    return Spec(
        "beat",
        (
            *(*_CELERY, "beat", "--schedule", str(schedule)),
            *("--pidfile", "", "--loglevel", "INFO"),
        ),
    )


def manage(*arguments: str) -> tuple[str, ...]:
    """Return the command that runs a management command."""
    return (sys.executable, str(ROOT / "manage.py"), *arguments)


def static_fingerprint(environ: Mapping[str, str]) -> str:
    """Return what the collected static files depend on, as a SHA-256 in hex.

    Ours by path, size and time; those of packages by the lock.
    """
    digest = hashlib.sha256(environ.get("HQ_STATIC_ROOT", "").encode())
    for path in sorted((ROOT / "static").rglob("*")):
        about = path.stat()
        digest.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    digest.update((ROOT / "requirements.lock").read_bytes())
    return digest.hexdigest()
