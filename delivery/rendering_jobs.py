"""What a worker does with a rendering: claim, render its units, write, end.

Nothing is written to the repository before every check has passed. Units already
rendered from the same inputs are taken from the cache, as Git object ids.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from delivery import ports, rendered_trees, unit_cache
from delivery.models import Rendering, RenderingState
from delivery.rendering.assemble import AssembledTarget, errors_between
from delivery.rendering.pool import RenderingBroke
from delivery.rendering.units import RenderError
from delivery.rendering_children import render_units
from delivery.unit_jobs import unit_jobs
from environments.desired.state import State
from environments.models import TenantEnvironment
from environments.stored import DatabaseTexts

logger: Final = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=180)
MAX_ATTEMPTS: Final = 3


@dataclass(frozen=True)
class Made:
    """What came of a rendering: a tree and its facts, or every error."""

    tree: str = ""
    facts: dict[str, Any] | None = None
    errors: tuple[dict[str, Any], ...] = ()


def run(*, rendering_id: int) -> None:
    """Render, unless another worker is at it or it has ended. Safe to run twice."""
    fence = _claim(rendering_id)
    if fence is None:
        return
    rendering = Rendering.objects.select_related("project").get(pk=rendering_id)
    try:
        made = render_again(rendering)
    except RenderingBroke:
        logger.exception("rendering %s broke", rendering_id)
        if rendering.attempts < MAX_ATTEMPTS:
            _let_go(rendering_id, fence)
            return
        made = _broken()
    _end(rendering_id, fence, made)


def render_again(rendering: Rendering) -> Made:
    """Render from the row's State and write the tree; touches no row but the cache.

    :raises RenderingBroke: when the children do not work
    """
    state = State.from_json({**rendering.state_document, "policy": None})
    project = rendering.project
    texts = DatabaseTexts()
    texts.prefetch(state.text_digests)
    secrets_in_git = rendering.engines["secretsInGit"]
    versions = {
        name: version
        for name, version in rendering.engines.items()
        if name != "secretsInGit"
    }
    jobs = unit_jobs(state, texts, secrets_in_git=secrets_in_git)
    units = unit_cache.look_up(project, jobs, versions)
    results = render_units([job for job in jobs if job.unit not in units.cached])
    errors: list[RenderError] = [error for result in results for error in result.errors]
    everything = [*units.results(), *(r for r in results if not r.errors)]
    errors += errors_between(everything, _place(rendering, state))
    if errors:
        return Made(errors=tuple(error.to_json() for error in dict.fromkeys(errors)))
    written = rendered_trees.write(project, units, results)
    unit_cache.keep(project, units, written)
    facts = {
        "resources": sum(len(result.documents) for result in everything),
        "rendered": len(results),
        "namespaces": sorted(
            {d.namespace for r in everything for d in r.documents if d.namespace}
        ),
    }
    return Made(tree=written.root, facts=facts)


def to_reap() -> list[int]:
    """Return pending renderings that nobody holds; those tried enough are failed."""
    now = timezone.now()
    lost = Rendering.objects.filter(state=RenderingState.PENDING).filter(
        Q(lease_until__lt=now)
        | Q(lease_until=None, created_at__lt=now - timedelta(seconds=10))
    )
    spent = lost.filter(attempts__gte=MAX_ATTEMPTS)
    for pk, fence in spent.values_list("pk", "fence"):
        _end(pk, fence, _broken())
    return list(lost.filter(attempts__lt=MAX_ATTEMPTS).values_list("pk", flat=True))


def _claim(rendering_id: int) -> int | None:
    """Take the job by one guarded UPDATE; return the fence, or None if it is held."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    taken = Rendering.objects.filter(
        free, pk=rendering_id, state=RenderingState.PENDING
    ).update(fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=now + LEASE)
    if not taken:
        return None
    return Rendering.objects.values_list("fence", flat=True).get(pk=rendering_id)


def _let_go(rendering_id: int, fence: int) -> None:
    Rendering.objects.filter(pk=rendering_id, fence=fence).update(
        lease_until=timezone.now()
    )


@transaction.atomic
def _end(rendering_id: int, fence: int, made: Made) -> None:
    """Write the end and tell those who wait, if the fence still stands."""
    ended = Rendering.objects.filter(
        pk=rendering_id, fence=fence, state=RenderingState.PENDING
    ).update(
        state=RenderingState.FAILED if made.errors else RenderingState.READY,
        tree=made.tree,
        facts=made.facts or {},
        errors=list(made.errors),
        finished_at=timezone.now(),
    )
    if ended:
        ports.tell(Rendering.objects.select_related("project").get(pk=rendering_id))


def _place(rendering: Rendering, state: State) -> AssembledTarget:
    """Return where the units go, with the namespaces that belong to other targets."""
    assert state.target is not None
    here = TenantEnvironment.objects.filter(
        project=rendering.project,
        tenant__slug=state.tenant,
        environment__slug=state.environment,
    ).first()
    others = TenantEnvironment.objects.filter(project=rendering.project)
    if here is not None:
        others = others.filter(cluster=here.cluster).exclude(pk=here.pk)
    return AssembledTarget(
        namespace=state.target.namespace,
        foreign_namespaces=frozenset(others.values_list("namespace", flat=True)),
    )


def _broken() -> Made:
    error = RenderError(
        "template_error",
        "",
        "the renderer does not work: see the worker's log",
        reason="internal",
    )
    return Made(errors=(error.to_json(),))
