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
from delivery.rendering.outlines import Outline
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
    jobs = UnitJobs(state, texts, secrets_in_git=rendering.conditions["secretsInGit"])
    project = rendering.project
    texts.prefetch(jobs.unread())
    keys = jobs.keys(rendering.engines)
    # Opened once: every opening reads the indexes of the packs anew.
    with Repository(repositories_of(project).renderings) as repository:
        units = unit_cache.look_up(repository, project, keys, is_wary=is_wary)
        missing = keys.keys() - units.cached.keys()
        texts.prefetch(jobs.digests(missing))
        results = render_units(jobs.of(sorted(missing)), beat=beat)
        errors = [error for result in results for error in result.errors]
        fresh = [Outline(r.unit, r.documents) for r in results if not r.errors]
        everything = [*units.outlines(), *fresh]
        errors += errors_between(everything, _place(rendering, state))
        version = state.target.kubernetes_version if state.target else ""
        custom = custom_checks.check(repository, units, fresh, version, beat=beat)
        errors += custom.errors
        if errors:
            distinct = dict.fromkeys(errors)
            return Made(errors=tuple(error.to_json() for error in distinct))
        written = rendered_trees.write(repository, units, fresh)
    fresh_folders = {units.keys[unit]: made for unit, made in written.units.items()}
    unit_cache.keep(project, fresh_folders, anew=is_wary)
    may_differ = any(jobs.plans[unit].allow_nondeterministic for unit in missing)
    if may_differ and _others_were_first(project, fresh_folders):
        # Their bytes count from now on (domain 5), in this rendering too.
        return make(rendering, beat=beat, is_wary=is_wary)
    facts = {
        "resources": sum(len(unit.documents) for unit in everything),
        "rendered": len(results),
        "namespaces": sorted({n for unit in everything for n in unit.namespaces}),
        "checks": findings(everything, version, custom.valid),
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
