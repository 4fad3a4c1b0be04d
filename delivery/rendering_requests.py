"""Asking for a rendering, waiting for it, and making sure that it is still there."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from delivery import making, tasks
from delivery.git import objects
from delivery.git.repository import Repository
from delivery.models import Rendering, RenderingState
from delivery.rendering import api_versions, tools
from delivery.rendering.kubernetes import schemas_for
from delivery.repositories import repositories_of
from environments.desired.state import State, canonical_digest
from environments.models import Project
from gitopshq.core import leases
from gitopshq.core.ringing import ring

logger: Final = logging.getLogger(__name__)

PASSING: Final = frozenset({"internal", "timeout", "memory"})
"""Reasons of errors that the same inputs need not meet again."""


class TreeLost(Exception):
    """An approved tree is gone and cannot be made again as it was."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def engines() -> dict[str, str]:
    """Return the versions of everything that has a say in the rendered bytes."""
    return tools.engine_versions(Path(settings.DATA_DIR))


def warm() -> None:
    """Ask the engines for their versions now, so that no request waits for it."""
    try:
        engines()
    except (tools.ToolMissing, OSError):
        # Whoever asks for a rendering hears of it; pages serve without engines.
        logger.exception("the rendering engines do not answer")


def request_rendering(project: Project, state: State) -> Rendering:
    """Return the rendering of *state*, asked for on commit if nobody has yet.

    Content-addressed: by the State without its policy, the engines, and what else
    decides between a tree and errors. One that failed for a reason that may pass is
    made again.
    """
    digest, inputs = _inputs(project, state)
    rendering, _ = Rendering.objects.get_or_create(
        project=project, digest=digest, defaults=inputs
    )
    if rendering.state == RenderingState.FAILED and _may_pass(rendering.errors):
        rendering = _reopened(rendering)
    if rendering.state == RenderingState.PENDING:
        transaction.on_commit(partial(ring, tasks.render, rendering_id=rendering.pk))
    return rendering


def is_rendering_of(rendering: Rendering, project: Project, state: State) -> bool:
    """Say whether ``request_rendering`` would return *rendering* for *state* now."""
    digest, _ = _inputs(project, state)
    return rendering.project_id == project.pk and rendering.digest == digest


def wait_for(rendering: Rendering, *, seconds: float) -> Rendering:
    """Return *rendering* as it is once it ended, or after *seconds*.

    Outside any transaction: within one, there is nothing to wait for.
    """
    return leases.wait_for(Rendering.objects.all(), rendering.pk, seconds=seconds)


def ensure_tree(rendering: Rendering) -> None:
    """Make sure that a ready rendering's tree is there, for a worker about to deploy.

    What ``main`` holds already is not looked at again. A lost tree is made again, here
    and now; it must come out the same.

    :raises TreeLost: when it does not
    """
    places = repositories_of(rendering.project)
    with Repository(places.renderings) as source, Repository(places.main) as served:
        if not objects.lacks(source, rendering.tree, besides=served):
            return
    logger.error("rendering %s lost objects of its tree", rendering.pk)
    made = making.make(rendering, is_wary=True)
    if made.errors:
        first = made.errors[0]
        raise TreeLost(str(first["code"]), str(first["message"]))
    if made.tree != rendering.tree:
        raise TreeLost(
            "template_error",
            "the approved tree was lost, and rendering it again gave another one",
        )


def _inputs(project: Project, state: State) -> tuple[str, dict[str, Any]]:
    """Return the digest of all that decides about a rendering, and its parts."""
    versions = engines()
    conditions = _conditions(project, state)
    document = state.to_json()
    del document["policy"]
    digest = canonical_digest(
        {
            "state": canonical_digest(document),
            "engines": versions,
            "conditions": conditions,
        }
    )
    return digest, {
        "engines": versions,
        "conditions": conditions,
        "state_document": document,
    }


def _conditions(project: Project, state: State) -> dict[str, Any]:
    """Return what the checks ask beside the State: where resources may stand.

    Namespaces of other targets on the same cluster are foreign. They may change while
    the State does not, and with them what is an error. So may, with a new version of
    ours, the schemas that stand for a Kubernetes release and the API versions it has.
    """
    rows = list(
        Project.objects.filter(pk=project.pk).values_list(
            "targets__tenant__slug",
            "targets__environment__slug",
            "targets__cluster",
            "targets__namespace",
            "secrets_in_git",
        )
    )
    here = (state.tenant, state.environment)
    cluster = next((row[2] for row in rows if row[:2] == here), "")
    version = state.target.kubernetes_version if state.target else ""
    return {
        "schemas": str(schemas_for(version) or ""),
        "apiVersions": api_versions.REVISION,
        "secretsInGit": rows[0][4],
        "foreignNamespaces": sorted(
            row[3] for row in rows if row[2] == cluster and row[:2] != here
        ),
    }


def _may_pass(errors: Sequence[Mapping[str, Any]]) -> bool:
    return any(error.get("reason") in PASSING for error in errors)


def _reopened(rendering: Rendering) -> Rendering:
    """Return a failed rendering as pending again; guarded, so that it happens once.

    It waits from now on: pages tell how long.
    """
    Rendering.objects.filter(pk=rendering.pk, state=RenderingState.FAILED).update(
        state=RenderingState.PENDING,
        errors=[],
        attempts=0,
        lease_until=None,
        created_at=timezone.now(),
        finished_at=None,
    )
    return Rendering.objects.get(pk=rendering.pk)
