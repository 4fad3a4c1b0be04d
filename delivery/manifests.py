"""Reading rendered manifests back for people: the files that differ, secrets masked."""

from collections.abc import Iterable

from delivery.diffs import FileStatus
from delivery.git import trees
from delivery.git.ids import EMPTY_TREE
from delivery.git.repository import Repository
from delivery.masking import Masker
from delivery.repositories import repositories_of
from environments.models import Project


def manifest_texts(
    project: Project, before: str, after: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return, for both trees, the texts of the files that differ, by path.

    "" is the tree of nothing. Folders with equal ids are not opened. Values inside
    Secrets are masked (domain 6); everything else is what is committed, byte for byte.
    """
    with Repository(repositories_of(project).renderings) as repository:
        changed = trees.changed_files(
            repository, before or EMPTY_TREE, after or EMPTY_TREE
        )
        masker = Masker()
        return (
            _texts(repository, masker, ((c.path, c.before) for c in changed)),
            _texts(repository, masker, ((c.path, c.after) for c in changed)),
        )


def manifests_that_differ(
    project: Project, before: str, after: str
) -> list[tuple[str, FileStatus]]:
    """Return the files in which two trees differ, by path; none of them is read."""
    with Repository(repositories_of(project).renderings) as repository:
        changed = trees.changed_files(
            repository, before or EMPTY_TREE, after or EMPTY_TREE
        )
    return [(change.path, _status(change.before, change.after)) for change in changed]


def paths_in(project: Project, tree: str) -> list[str]:
    """Return the paths of a rendered tree's files, sorted; none is read.

    :raises NoSuchObject: if the tree is lost
    """
    with Repository(repositories_of(project).renderings) as repository:
        return [*trees.list_files(repository, tree)]


def _status(before: str | None, after: str | None) -> FileStatus:
    if before is None:
        return FileStatus.ADDED
    return FileStatus.REMOVED if after is None else FileStatus.MODIFIED


def _texts(
    repository: Repository,
    masker: Masker,
    files: Iterable[tuple[str, str | None]],
) -> dict[str, str]:
    return {
        path: masker.masked(repository.read_blob(blob).decode())
        for path, blob in files
        if blob is not None
    }
