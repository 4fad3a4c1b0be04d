"""What is wrong after the faults, by records, rows and branches; nothing is the proof.

Called in the installation's own Django: ``./run manage shell``.
"""

import json
import subprocess
from collections.abc import Iterator

from delivery.models import Rendering, RenderingState
from delivery.repositories import repositories_of
from environments.models import Project
from gitopshq.core import audit_verify
from releases.models import AttemptState, DeployAttempt, Release, Status
from tests.faults import PROJECT
from tests.governance import history, records


def tell() -> None:
    """Print every problem, as JSON."""
    print(json.dumps(list(_problems())))


def _problems() -> Iterator[str]:
    project = Project.objects.get(slug=PROJECT)
    places = repositories_of(project)
    yield from history.problems(records.read(PROJECT), places.main)
    for release in Release.objects.filter(status=Status.DEPLOYING):
        yield f"{release} is stuck in deploying"
    for attempt in DeployAttempt.objects.exclude(
        state__in=(AttemptState.DONE, AttemptState.FAILED)
    ):
        yield f"attempt {attempt.pk} is {attempt.state}"
    for rendering in Rendering.objects.filter(state=RenderingState.PENDING):
        yield f"{rendering} is pending"
    for path in (places.main, places.source, places.renderings):
        done = subprocess.run(
            ["git", "-C", path, "fsck", "--full", "--strict", "--no-dangling"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            yield f"{path.name}: {done.stdout}{done.stderr}"
    merges = _git(places.main, "rev-list", "--merges", "--count", "main")
    if merges != "0":
        yield f"main has {merges} merges"
    audit = audit_verify.verify_chain(PROJECT)
    if audit.first_bad:
        yield f"audit: {audit.first_bad.to_json()}"


def _git(place: object, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(place), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
