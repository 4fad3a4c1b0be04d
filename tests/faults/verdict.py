"""What came of the faults, by records, rows and branches; no problem is the proof.

Called in the installation's own Django: ``./run manage shell``.
"""

import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from delivery.models import Rendering, RenderingState
from delivery.repositories import repositories_of
from environments.models import Project
from gitopshq.core import audit_verify
from releases import jobs
from releases.models import DeployAttempt, Release, Status
from tests.faults import PROJECT
from tests.governance import history, records

BEYOND = timedelta(seconds=30)
"""How long after its lease a deploy may be without a worker (performance.md, R1)."""


def tell() -> None:
    """Print the problems and the figures, as JSON."""
    project = Project.objects.get(slug=PROJECT)
    places = repositories_of(project)
    fsck = [*_broken(places.main), *_broken(places.source), *_broken(places.renderings)]
    merges = int(_git(places.main, "rev-list", "--merges", "--count", "main"))
    stuck = max(map(_seconds_stuck, DeployAttempt.objects.all()), default=0.0)
    problems = [*history.problems(records.read(PROJECT), places.main), *_open(), *fsck]
    if merges:
        problems.append(f"main has {merges} merges")
    audit = audit_verify.verify_chain(PROJECT)
    if audit.first_bad:
        problems.append(f"audit: {audit.first_bad.to_json()}")
    failures = DeployAttempt.objects.exclude(failure_type="")
    figures = {
        "commits": int(_git(places.main, "rev-list", "--count", "main")),
        "linear": not merges,
        "fsck_clean": not fsck,
        "stuck_longest": round(stuck, 1),
        "stuck_allowed": (jobs.LEASE + BEYOND).total_seconds(),
        "failures": [f"{row.failure_type}: {row.failure_detail}" for row in failures],
    }
    print(json.dumps({"problems": problems, "figures": figures}))


def _open() -> Iterator[str]:
    """Name what has not ended."""
    for release in Release.objects.filter(status=Status.DEPLOYING):
        yield f"{release} is stuck in deploying"
    for attempt in DeployAttempt.objects.filter(ended_at=None):
        yield f"attempt {attempt.pk} is {attempt.state}"
    for rendering in Rendering.objects.filter(state=RenderingState.PENDING):
        yield f"{rendering} is pending"


def _seconds_stuck(attempt: DeployAttempt) -> float:
    """Return how long it took, shared by those workers that took it and died."""
    ended_at = attempt.ended_at or timezone.now()
    return (ended_at - attempt.requested_at).total_seconds() / max(attempt.runs, 1)


def _broken(repository: Path) -> Iterator[str]:
    done = subprocess.run(
        ["git", "-C", repository, "fsck", "--full", "--strict", "--no-dangling"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        yield f"{repository.name}: {done.stdout}{done.stderr}"


def _git(place: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(place), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
