"""Mending what ``soundness`` found, where only one outcome can be right.

Branches go forward to what the database knows to have been published, lost objects come
from where they still are, and what is rendered again must come out the same.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from django.db import transaction

from delivery import advancing, rendering_requests, source_mirror, tips, upkeep
from delivery.git import locks, maintenance, objects, packs, refs
from delivery.git.project import MAIN
from delivery.git.repository import Repository
from delivery.models import RenderedUnit, Rendering, RenderingState
from delivery.repositories import hosted, make_missing, repositories_of
from delivery.soundness import Finding, Kind
from environments.locking import lock_project
from environments.models import Project
from gitopshq.core import audit

logger: Final = logging.getLogger(__name__)

Mender = Callable[[Project, Sequence[Finding]], None]
MENDED: Final = "repository.mended"


def mend(
    project: Project, findings: Sequence[Finding], menders: dict[Kind, Mender]
) -> None:
    """Mend, kind by kind in the order of *menders*; what resists is logged.

    What came of it shows when the project is checked again.
    """
    for kind, mender in menders.items():
        found = [finding for finding in findings if finding.kind == kind]
        if not found:
            continue
        try:
            mender(project, found)
        except Exception:
            # One repair that fails must not keep the others from being made.
            logger.exception("%s: %s could not be mended", project, kind)
        else:
            _write_down(project, kind, found)


@transaction.atomic
def _write_down(project: Project, kind: Kind, found: Sequence[Finding]) -> None:
    audit.record(
        MENDED,
        project,
        actor=None,
        project=project.slug,
        kind=kind,
        objects=[finding.object for finding in found],
    )


def _make(project: Project, _: Sequence[Finding]) -> None:
    make_missing(project)


def _clear(project: Project, _: Sequence[Finding]) -> None:
    upkeep.clear_leftovers(project)


def _bring_back(project: Project, _: Sequence[Finding]) -> None:
    advancing.bring_back(project)


def _adopt(project: Project, _: Sequence[Finding]) -> None:
    tips.adopt(project)


@transaction.atomic
def _record_moves(project: Project, _: Sequence[Finding]) -> None:
    lock_project(project)
    with Repository(repositories_of(project).main) as served:
        tips.note_moves(hosted(project), served, tip=refs.tip(served, MAIN))


def _rebuild_source(project: Project, _: Sequence[Finding]) -> None:
    source_mirror.rebuild(project)


def _drop_unreachable(project: Project, found: Sequence[Finding]) -> None:
    for finding in found:
        path = repositories_of(project).folder / finding.object
        with locks.lock(path):
            maintenance.drop_unreachable(path)


def _keep_published(project: Project, _: Sequence[Finding]) -> None:
    """Copy what ``main`` holds into the renderings."""
    places = repositories_of(project)
    with (
        Repository(places.main) as served,
        Repository(places.renderings) as kept,
        locks.lock(places.renderings),
    ):
        tip = refs.tip(served, MAIN)
        packs.add_pack(
            kept, objects.missing_objects(served, kept, [tip], thorough=True)
        )


def _render_again(project: Project, found: Sequence[Finding]) -> None:
    """Have lost trees made again.

    :raises ExceptionGroup: of TreeLost, when some come out differently
    """
    digests = [finding.object for finding in found]
    ready = Rendering.objects.filter(
        project=project, digest__in=digests, state=RenderingState.READY
    )
    lost = []
    for rendering in ready.select_related("project").order_by("pk"):
        try:
            rendering_requests.ensure_tree(rendering)
        except rendering_requests.TreeLost as resisting:
            lost.append(resisting)
    if lost:
        raise ExceptionGroup("other trees came out, or none", lost)


def _keep_units(project: Project, found: Sequence[Finding]) -> None:
    """Copy what is lent into the renderings; forget units that are nowhere."""
    rows = RenderedUnit.objects.filter(
        project=project, key__in=[finding.object for finding in found]
    )
    places = repositories_of(project)
    with Repository(places.renderings) as kept, locks.lock(places.renderings):
        for row in rows:
            if objects.lacks(kept, row.tree):
                row.delete()
            else:
                missing = objects.missing_objects(kept, kept, [row.tree], thorough=True)
                packs.add_pack(kept, missing)


MENDERS: Final[dict[Kind, Mender]] = {
    Kind.REPOSITORY_MISSING: _make,
    Kind.LEFTOVER: _clear,
    Kind.MAIN_ASTRAY: _bring_back,
    Kind.MAIN_AHEAD: _adopt,
    Kind.MOVE_UNRECORDED: _record_moves,
    Kind.SOURCE_ASTRAY: _rebuild_source,
    Kind.SOURCE_AHEAD: _rebuild_source,
    Kind.NOT_KEPT: _keep_published,
    Kind.TREE_LOST: _render_again,
    Kind.UNIT_LOST: _keep_units,
    Kind.UNREACHABLE: _drop_unreachable,
}
"""In this order: what comes later relies on what came before."""
