"""The cache of rendered units: documents by the digest of all their inputs.

Texts are Git blobs of the project's repository of renderings; rows hold their ids.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from delivery.git import objects
from delivery.git.ids import to_git
from delivery.git.repository import Repository
from delivery.models import RenderedUnit
from delivery.rendering.units import Document, UnitResult, unit_key
from delivery.unit_jobs import UnitJobs
from environments.models import Project

CRD: Final = "CustomResourceDefinition"


@dataclass(frozen=True)
class Folder:
    """One unit's folder: its tree id, and each resource with its blob id."""

    tree: str
    documents: tuple[tuple[Document, str], ...]


@dataclass(frozen=True)
class Written:
    """The tree of a rendering, and the folders that were new in it."""

    root: str
    units: Mapping[str, Folder]


@dataclass(frozen=True)
class CachedUnit:
    """One unit's folder as a Git tree, and its resources without their texts.

    ``blobs`` are the ids of the texts, in the order of the resources.
    """

    tree: str
    result: UnitResult
    blobs: tuple[str, ...]


@dataclass(frozen=True)
class Units:
    """The units of one rendering: the key of each, and those found in the cache."""

    keys: Mapping[str, str]
    cached: Mapping[str, CachedUnit]

    def results(self) -> Iterator[UnitResult]:
        """Yield the cached units; only definitions of kinds have their texts."""
        return (unit.result for unit in self.cached.values())


def look_up(
    repository: Repository,
    project: Project,
    jobs: UnitJobs,
    engines: Mapping[str, str],
    *,
    is_wary: bool = False,
) -> Units:
    """Return what the cache holds of *jobs*, where *repository* has the folder.

    A wary look finds out whether everything in the folder is, too.
    """
    keys = {job.unit: unit_key(job, engines, jobs.index) for job in jobs.all}
    units = {key: unit for unit, key in keys.items()}
    rows = RenderedUnit.objects.filter(project=project, key__in=units)
    cached: dict[str, CachedUnit] = {}
    held = objects.Holdings(repository)
    for key, tree, documents in rows.values_list("key", "tree", "documents"):
        if is_wary and objects.lacks(repository, tree):
            continue
        if is_wary or to_git(tree) in held:
            unit = units[key]
            found = tuple(_document(repository, entry) for entry in documents)
            blobs = tuple(str(entry[-1]) for entry in documents)
            cached[unit] = CachedUnit(tree, UnitResult(unit, found), blobs)
    return Units(keys, cached)


def folders_of(
    repository: Repository, project: Project, keys: Collection[str]
) -> dict[str, str]:
    """Return the tree ids of the units that are cached under *keys*, by key."""
    rows = RenderedUnit.objects.filter(project=project, key__in=keys)
    held = objects.Holdings(repository)
    found = rows.values_list("key", "tree")
    return {key: tree for key, tree in found if to_git(tree) in held}


def keep(project: Project, folders: Mapping[str, Folder], *, anew: bool) -> None:
    """Remember freshly rendered units by their keys.

    Of the same key the first bytes count (domain 5), unless they are lost: then it is
    done *anew*.
    """
    rows = [
        RenderedUnit(
            project=project,
            key=key,
            tree=folder.tree,
            documents=[
                [d.api_version, d.kind, d.namespace, d.name, d.source, blob]
                for d, blob in folder.documents
            ],
        )
        for key, folder in folders.items()
    ]
    if anew:
        RenderedUnit.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["project", "key"],
            update_fields=["tree", "documents"],
        )
    else:
        RenderedUnit.objects.bulk_create(rows, ignore_conflicts=True)


def _document(repository: Repository, entry: Sequence[str]) -> Document:
    api_version, kind, namespace, name, source, blob = entry
    # A definition's text says whether its kind lives in namespaces.
    text = repository.read_blob(blob).decode() if kind == CRD else ""
    return Document(api_version, kind, namespace, name, text, source)
