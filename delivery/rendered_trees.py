"""Writing rendered units as Git trees, one pack a rendering."""

from collections.abc import Sequence

from dulwich.objects import Blob, ShaFile

from delivery.git import locks, packs, trees
from delivery.git.ids import EMPTY_TREE
from delivery.git.repository import Repository
from delivery.rendering.manifests import EMPTY_MARKER, file_names
from delivery.rendering.outlines import Outline
from delivery.unit_cache import Folder, Units, Written


def write(repository: Repository, units: Units, results: Sequence[Outline]) -> Written:
    """Write the tree of cached units and of fresh *results*; return its id.

    An empty rendering holds one empty ``.gitkeep``; a unit without resources no folder.
    """
    objects: list[ShaFile] = []
    fresh = {result.unit: _folder(result, objects) for result in results}
    edits: dict[str, trees.TreeEdit] = {
        unit: trees.GraftFolder(tree)
        for unit, tree in [
            *((unit, folder.tree) for unit, folder in fresh.items()),
            *((unit, cached.tree) for unit, cached in units.cached.items()),
        ]
        if tree != EMPTY_TREE
    }
    root, made = trees.edit_tree(repository, EMPTY_TREE, edits or {EMPTY_MARKER: b""})
    with locks.lock(repository.path):
        packs.add_pack(repository, [*objects, *made])
    return Written(root, fresh)


def write_folders(repository: Repository, results: Sequence[Outline]) -> list[Folder]:
    """Write units by themselves, of however many renderings, and return each."""
    objects: list[ShaFile] = []
    folders = [_folder(result, objects) for result in results]
    with locks.lock(repository.path):
        packs.add_pack(repository, objects)
    return folders


def _folder(result: Outline, objects: list[ShaFile]) -> Folder:
    prefix = f"{result.unit}/"
    names = [
        name.removeprefix(prefix) for name in file_names(result.unit, result.documents)
    ]
    blobs = [Blob.from_string(d.text.encode()) for d in result.documents]
    ids = [blob.id.decode() for blob in blobs]
    tree, made = trees.write_tree(
        {name: trees.GraftFile(found) for name, found in zip(names, ids, strict=True)}
    )
    objects += [*blobs, *made]
    return Folder(tree, result.without_texts(), tuple(ids))
