"""Asking for a rendering, waiting for it, and making sure that it is still there."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from delivery import rendering_jobs, tasks
from delivery.git.repository import Repository
from delivery.models import Rendering, RenderingState
from delivery.rendering import tools
from delivery.repositories import repositories_of
from environments.desired.state import State, canonical_digest
from environments.models import Project
from gitopshq.core.ringing import ring

POLL_SECONDS: Final = 0.05


class TreeLost(Exception):
    """An approved tree is gone and cannot be made again as it was."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def engines() -> dict[str, str]:
    """Return the versions of everything that has a say in the rendered bytes."""
    return tools.engine_versions(Path(settings.DATA_DIR))


def request_rendering(project: Project, state: State) -> Rendering:
    """Return the rendering of *state*, asked for on commit if nobody has yet.

    Content-addressed: by the State without its policy, the engines, and whether
    secrets may stand in Git.
    """
    versions = engines()
    digest = canonical_digest(
        {
            "state": state.rendering_digest,
            "engines": versions,
            "secretsInGit": project.secrets_in_git,
        }
    )
    document = state.to_json()
    del document["policy"]
    rendering, made = Rendering.objects.get_or_create(
        project=project,
        digest=digest,
        defaults={
            "engines": _with(versions, secretsInGit=project.secrets_in_git),
            "state_document": document,
        },
    )
    if made or rendering.state == RenderingState.PENDING:
        transaction.on_commit(partial(ring, tasks.render, rendering_id=rendering.pk))
    return rendering


def wait_for(rendering: Rendering, *, seconds: float) -> Rendering:
    """Return *rendering* as it is once it ended, or after *seconds*.

    Outside any transaction: a reader in one would never see the end.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = Rendering.objects.get(pk=rendering.pk)
        if found.state != RenderingState.PENDING or time.monotonic() >= deadline:
            return found
        time.sleep(POLL_SECONDS)


def ensure_tree(rendering: Rendering) -> None:
    """Make sure that a ready rendering's tree is there, for a worker about to deploy.

    A lost one is made again, here and now; it must come out the same.

    :raises TreeLost: when it does not
    """
    with Repository(repositories_of(rendering.project).renderings) as repository:
        if repository.holds(rendering.tree):
            return
    made = rendering_jobs.render_again(rendering)
    if made.errors:
        first = made.errors[0]
        raise TreeLost(str(first["code"]), str(first["message"]))
    if made.tree != rendering.tree:
        raise TreeLost(
            "template_error",
            "the approved tree was lost, and rendering it again gave another one",
        )


def _with(versions: Mapping[str, str], **more: str) -> dict[str, Any]:
    return {**versions, **more}
