"""A race of two processes on a database in a file: a freeze against a worker.

Writes one JSON line for each round: what ``main`` was when the freeze was answered,
what it is in the end, and how it ended. Run where Django is set up.
"""

import json
import multiprocessing
import random
import sys
import time
from typing import Any

from django.core.management import call_command
from django.db import connections

from delivery import publishing
from environments import actions as environments
from environments.models import Environment, Project
from environments.permissions import Role
from releases import actions, deployment
from releases.locking import fresh
from releases.models import DeployAttempt
from releases.tasks import run_deployment
from tests import make
from tests.releases.conftest import flag_files


def main(rounds: int) -> None:
    """Make a release for each round, send it off, and freeze while it is committed."""
    call_command("migrate", verbosity=0)
    for number in range(rounds):
        sys.stdout.write(json.dumps(_race(f"shop-{number}")) + "\n")


def _race(slug: str) -> dict[str, Any]:
    run_deployment.apply_async = lambda **_: None  # the worker is one of ours
    release_id = _approved(slug)
    project = Project.objects.get(slug=slug)
    connections.close_all()

    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(2), context.Queue()
    racers = [
        context.Process(target=_work, args=(start, release_id)),
        context.Process(target=_freeze, args=(start, slug, answers)),
    ]
    for racer in racers:
        racer.start()
    answered = answers.get(timeout=60)
    for racer in racers:
        racer.join(timeout=60)
        assert racer.exitcode == 0, racer
    release = fresh(release_id)
    return {
        "answered": answered,
        "ended": publishing.tip_of(project),
        "status": release.status,
        "failure": release.failure_type,
        "commit": release.commit_sha,
    }


def _approved(slug: str) -> int:
    """Make a release that somebody has sent off; no worker has seen it."""
    project = make.project(slug)
    target = make.target(project, environment="prod")
    maker = make.user(f"maker-{slug}", role=Role.MAINTAINER, on=project)
    files = flag_files("flags", fast="1")
    environments.put_manifests(target, name="flags", files=files, actor=maker)
    words = actions.Content(title="Race")
    release = actions.create_release(target, actor=maker, content=words)
    release = actions.submit_release(release, actor=maker)
    return actions.deploy_release(release, actor=maker).pk


def _work(start: Any, release_id: int) -> None:
    attempt = DeployAttempt.objects.get(release=release_id)
    start.wait()
    deployment.run(attempt_id=attempt.pk)


def _freeze(start: Any, slug: str, answers: Any) -> None:
    environment = Environment.objects.get(project__slug=slug, slug="prod")
    start.wait()
    time.sleep(random.uniform(0, 0.15))  # some before, some after
    environments.freeze(environment, reason="fair", actor=None)
    answers.put(publishing.tip_of(environment.project))
