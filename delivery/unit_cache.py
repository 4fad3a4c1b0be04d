"""The cache of rendered units: documents by the digest of all their inputs.

Texts are Git blobs of the project's repository of renderings; rows hold their ids.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from delivery.git import objects
from delivery.git.ids import to_git
from delivery.git.repository import Repository
from delivery.models import RenderedUnit
from delivery.rendering.outlines import Outline
from delivery.rendering.remembered import Remembered
from delivery.rendering.units import Document
from environments.models import Project

MAX_DOCUMENTS: Final = 30_000
"""Of units remembered by one process, at a good kilobyte each."""


@dataclass(frozen=True)
class Folder:
    """One unit's folder as a Git tree, and its resources without their texts.

    ``blobs`` are the ids of the texts, in the order of the resources.
    """

    tree: str
    outline: Outline
    blobs: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """The tree of a rendering, and the folders that were new in it."""

    root: str
    units: Mapping[str, Folder]


_known: Final = Remembered[tuple[str, str], Folder](
    MAX_DOCUMENTS, weigh=lambda unit: 1 + len(unit.blobs)
)
"""Cached units by key and tree, which say all that is in them."""


@dataclass(frozen=True)
class Units:
    """The units of one rendering: the key of each, and those found in the cache."""

    keys: Mapping[str, str]
    cached: Mapping[str, Folder]

    def outlines(self) -> Iterator[Outline]:
        """Yield what the checks between units ask of those in the cache."""
        return (unit.outline for unit in self.cached.values())


def look_up(
    repository: Repository,
    project: Project,
    keys: Mapping[str, str],
    *,
    is_wary: bool = False,
) -> Units:
    """Return what the cache holds under *keys*, where *repository* has the folder.

    A wary look finds out whether everything in the folder is, too.

    :param keys: the key of each unit by its name
    """
    rows = RenderedUnit.objects.filter(project=project, key__in=[*keys.values()])
    trees = dict(rows.values_list("key", "tree"))
    if is_wary:
        kept = {k: t for k, t in trees.items() if not objects.lacks(repository, t)}
    else:
        kept = _held(repository, trees)
    found = {key: _known.get((key, tree)) for key, tree in kept.items()}
    unknown = [key for key, unit in found.items() if unit is None]
    if unknown:
        units = {key: unit for unit, key in keys.items()}
        asked = rows.filter(key__in=unknown).values_list("key", "tree", "documents")
        for key, tree, entries in asked:
            # A row that another worker has done anew meanwhile was not looked for.
            if tree == kept[key]:
                found[key] = unit = _read(repository, units[key], tree, entries)
                _known.put((key, tree), unit)
    cached = {unit: found.get(key) for unit, key in keys.items()}
    return Units(keys, {unit: at for unit, at in cached.items() if at is not None})


def folders_of(
    repository: Repository, project: Project, keys: Collection[str]
) -> dict[str, str]:
    """Return the tree ids of the units that are cached under *keys*, by key."""
    rows = RenderedUnit.objects.filter(project=project, key__in=keys)
    return _held(repository, dict(rows.values_list("key", "tree")))


def _held(repository: Repository, trees: Mapping[str, str]) -> dict[str, str]:
    """Return the keys whose trees the repository itself has."""
    ids = {key: to_git(tree) for key, tree in trees.items()}
    held = objects.Holdings(repository).among(ids.values())
    return {key: tree for key, tree in trees.items() if ids[key] in held}


def keep(project: Project, folders: Mapping[str, Folder], *, anew: bool) -> None:
    """Remember freshly rendered units by their keys.

    Of the same key the first bytes count (domain 5), unless they are lost: then it is
    done *anew*.
    """
    for key, folder in folders.items():
        _known.put((key, folder.tree), folder)
    rows = [
        RenderedUnit(
            project=project,
            key=key,
            tree=folder.tree,
            documents=[
                [d.api_version, d.kind, d.namespace, d.name, d.source, blob]
                for d, blob in zip(folder.outline.documents, folder.blobs, strict=True)
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


def _read(
    repository: Repository, unit: str, tree: str, entries: Sequence[Sequence[str]]
) -> Folder:
    documents = tuple(_document(repository, entry) for entry in entries)
    outline = Outline(unit, documents).without_texts()
    return Folder(tree, outline, tuple(str(entry[-1]) for entry in entries))


def _document(repository: Repository, entry: Sequence[str]) -> Document:
    api_version, kind, namespace, name, source, blob = entry
    found = Document(api_version, kind, namespace, name, "", source)
    if found.is_definition:
        # Its text says whether its kind lives in namespaces.
        return replace(found, text=repository.read_blob(blob).decode())
    return found
