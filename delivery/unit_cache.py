"""The cache of rendered units: documents by the digest of all their inputs.

Texts are Git blobs of the project's repository of renderings; rows hold their ids.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from delivery.git.repository import Repository
from delivery.models import RenderedUnit
from delivery.rendering.units import Document, UnitJob, UnitResult, unit_key
from delivery.repositories import repositories_of
from environments.models import Project

if TYPE_CHECKING:
    from delivery.rendered_trees import Written

CRD: Final = "CustomResourceDefinition"


@dataclass(frozen=True)
class CachedUnit:
    """One unit's folder as a Git tree, and its resources without their texts."""

    tree: str
    result: UnitResult


@dataclass(frozen=True)
class Units:
    """The units of one rendering: the key of each, and those found in the cache."""

    keys: Mapping[str, str]
    cached: Mapping[str, CachedUnit]

    def results(self) -> Iterator[UnitResult]:
        """Yield the cached units; only definitions of kinds have their texts."""
        return (unit.result for unit in self.cached.values())


def look_up(
    project: Project, jobs: Sequence[UnitJob], engines: Mapping[str, str]
) -> Units:
    """Return what the cache holds of *jobs*, of which the objects are still there."""
    keys = {job.unit: unit_key(job, engines) for job in jobs}
    units = {key: unit for unit, key in keys.items()}
    rows = RenderedUnit.objects.filter(project=project, key__in=units)
    cached: dict[str, CachedUnit] = {}
    with Repository(repositories_of(project).renderings) as repository:
        for row in rows:
            tree = row.documents["tree"]
            if repository.holds(tree):
                unit = units[row.key]
                documents = tuple(
                    _document(repository, entry) for entry in row.documents["documents"]
                )
                cached[unit] = CachedUnit(tree, UnitResult(unit, documents))
    return Units(keys, cached)


def keep(project: Project, units: Units, written: "Written") -> None:
    """Remember the freshly rendered units."""
    RenderedUnit.objects.bulk_create(
        [
            RenderedUnit(
                project=project,
                key=units.keys[unit],
                documents={
                    "tree": folder.tree,
                    "documents": [
                        [d.api_version, d.kind, d.namespace, d.name, blob]
                        for d, blob in folder.documents
                    ],
                },
            )
            for unit, folder in written.units.items()
        ],
        ignore_conflicts=True,
    )


def _document(repository: Repository, entry: Sequence[str | None]) -> Document:
    api_version, kind, namespace, name, blob = entry
    assert api_version is not None
    assert kind is not None
    assert name is not None
    assert blob is not None
    # A definition's text says whether its kind lives in namespaces.
    text = repository.read_blob(blob).decode() if kind == CRD else ""
    return Document(api_version, kind, namespace, name, text)
