"""What rows name by an object id is in the repositories, with all below it."""

from collections.abc import Iterator

from delivery.git import refs
from delivery.git.ids import to_git
from delivery.git.objects import Completeness
from delivery.git.project import MAIN
from delivery.git.repository import Repository
from delivery.models import RenderedUnit, Rendering, RenderingState
from delivery.repositories import places_of
from delivery.soundness.findings import Finding, Kind
from environments.models import Project


def check(project: Project, *, deep: bool) -> Iterator[Finding]:
    """Yield the trees and texts that are lost."""
    places = places_of(project)
    with Repository(places.main) as served, Repository(places.renderings) as made:
        yield from _renderings(project, Completeness(made))
        yield from _units(project, Completeness(made, borrowed=False))
        if deep:
            yield from _published(project, served, made)


def _renderings(project: Project, whole: Completeness) -> Iterator[Finding]:
    ready = Rendering.objects.filter(project=project, state=RenderingState.READY)
    for digest, tree in ready.order_by("pk").values_list("digest", "tree"):
        if (lost := whole.first_missing(tree)) is not None:
            yield Finding(
                Kind.TREE_LOST,
                project.slug,
                digest,
                f"the rendered tree {tree} lacks {lost}",
                "fsck --repair takes it from what was published, or renders again "
                "and accepts the same tree alone",
            )


def _units(project: Project, whole: Completeness) -> Iterator[Finding]:
    """Yield cached units whose own bytes are not kept."""
    rows = RenderedUnit.objects.filter(project=project).order_by("pk")
    for key, tree, documents in rows.values_list("key", "tree", "documents"):
        # A folder names every document's text, by its blob.
        lost = whole.first_missing(tree) or next(
            (entry[-1] for entry in documents if not whole.holds(to_git(entry[-1]))),
            None,
        )
        if lost is not None:
            yield Finding(
                Kind.UNIT_LOST,
                project.slug,
                key,
                f"the cached unit {tree} lacks {lost}",
                "fsck --repair takes it from what was published, or forgets the unit",
            )


def _published(
    project: Project, served: Repository, made: Repository
) -> Iterator[Finding]:
    """Yield the newest commit of ``main`` that could not be published again."""
    own = Completeness(made, borrowed=False)
    for commit in refs.first_parents(served, refs.tip(served, MAIN)):
        if not commit.parents:
            return
        tree = str(commit.tree, "ascii")
        if not own.holds(commit.id) or own.first_missing(tree) is not None:
            yield Finding(
                Kind.NOT_KEPT,
                project.slug,
                commit.id.decode(),
                "the renderings hold no whole copy of this published commit",
                "fsck --repair copies it from main.git",
            )
            return
