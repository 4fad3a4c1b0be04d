"""Making the tree of a rendering: its units, the checks between them, the objects.

Nothing is written to the repository before every check has passed. Units already
rendered from the same inputs are taken from the cache, as Git object ids. Who makes
which rendering, and what becomes of it, is for ``rendering_jobs``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from delivery import custom_checks, rendered_trees, unit_cache
from delivery.git.repository import Repository
from delivery.models import Rendering
from delivery.rendering.assemble import AssembledTarget, errors_between
from delivery.rendering.findings import findings
from delivery.rendering_children import render_units
from delivery.repositories import repositories_of
from delivery.unit_cache import Folder
from delivery.unit_jobs import UnitJobs
from environments.desired.state import State
from environments.models import Project
from environments.stored import DatabaseTexts


@dataclass(frozen=True)
class Made:
    """What came of a rendering: a tree and its facts, or every error.

    Facts are the number of ``resources``, how many units were ``rendered`` afresh, the
    ``namespaces`` that resources name, and what the ``checks`` found.
    """

    tree: str = ""
    facts: dict[str, Any] | None = None
    errors: tuple[dict[str, Any], ...] = ()


def make(
    rendering: Rendering,
    *,
    beat: Callable[[], None] = lambda: None,
    is_wary: bool = False,
) -> Made:
    """Render from the row's State and write the tree; touches no row but the cache.

    *beat* is called every few seconds while units are being rendered. A wary maker
    looks for every object of a cached unit before it relies on it.

    :raises RenderingBroke: when the children do not work
    """
    state = State.from_json({**rendering.state_document, "policy": None})
    texts = DatabaseTexts()
    texts.prefetch(state.text_digests)
    jobs = UnitJobs(state, texts, secrets_in_git=rendering.conditions["secretsInGit"])
    project = rendering.project
    # Opened once: every opening reads the indexes of the packs anew.
    with Repository(repositories_of(project).renderings) as repository:
        units = unit_cache.look_up(
            repository, project, jobs, rendering.engines, is_wary=is_wary
        )
        fresh = [job for job in jobs.all if job.unit not in units.cached]
        results = render_units(jobs.with_secrets(fresh), beat=beat)
        errors = [error for result in results for error in result.errors]
        everything = [*units.results(), *(r for r in results if not r.errors)]
        errors += errors_between(everything, _place(rendering, state))
        version = state.target.kubernetes_version if state.target else ""
        custom = custom_checks.check(repository, units, results, version, beat=beat)
        errors += custom.errors
        if errors:
            distinct = dict.fromkeys(errors)
            return Made(errors=tuple(error.to_json() for error in distinct))
        written = rendered_trees.write(repository, units, results)
    fresh_folders = {units.keys[unit]: made for unit, made in written.units.items()}
    unit_cache.keep(project, fresh_folders, anew=is_wary)
    may_differ = any(job.allow_nondeterministic for job in fresh)
    if may_differ and _others_were_first(project, fresh_folders):
        # Their bytes count from now on (domain 5), in this rendering too.
        return make(rendering, beat=beat, is_wary=is_wary)
    documents = [document for result in everything for document in result.documents]
    named = {document.namespace for document in documents}
    facts = {
        "resources": len(documents),
        "rendered": len(results),
        "namespaces": sorted(filter(None, named)),
        "checks": findings(documents, version, custom.valid),
    }
    return Made(tree=written.root, facts=facts)


def _others_were_first(project: Project, made: Mapping[str, Folder]) -> bool:
    """Say whether somebody kept other bytes of a unit while it was being made here."""
    with Repository(repositories_of(project).renderings) as repository:
        kept = unit_cache.folders_of(repository, project, made.keys())
    return any(made[key].tree != tree for key, tree in kept.items())


def _place(rendering: Rendering, state: State) -> AssembledTarget:
    return AssembledTarget(
        namespace=state.target.namespace if state.target else "",
        foreign_namespaces=frozenset(rendering.conditions["foreignNamespaces"]),
    )
