"""The ``source`` branch: one commit per edit, by its author, in order (domain 4).

The database is the truth and the branch its mirror that catches up. After a crash the
branch may be ahead of the rows: its commits are recognised by the edit they name in a
record of their own and adopted, never made twice.
"""

from collections.abc import Iterator
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from delivery.git import locks, packs, refs, trees
from delivery.git.commits import Identity, build_commit
from delivery.git.messages import one_line
from delivery.git.project import SOURCE
from delivery.git.repository import NoSuchObject, Repository
from delivery.models import HostedRepository
from delivery.repositories import hosted, repositories_of, service_identity
from environments.models import Edit, Project, Text
from gitopshq.core.errors import ConcurrentUpdate
from gitopshq.core.models import User

RECORD: Final = ".gitopshq/edit"
PATIENCE_SECONDS: Final = 10.0
"""How long a request waits for another one that is at the same branch."""
_BATCH: Final = 200


def catch_up(project: Project) -> None:
    """Commit every edit that is no commit yet. Safe to call at the same time.

    :raises ConcurrentUpdate: when somebody else is at it for too long
    """
    if not _unmirrored(project).exists():
        return
    path = repositories_of(project).source
    try:
        with (
            Repository(path) as repository,
            locks.lock(path, timeout_seconds=PATIENCE_SECONDS),
        ):
            for edit in _waiting(project):
                commit = _adopted(repository, edit) or _commit(repository, edit)
                _write_down(project, edit, commit)
    except locks.RepositoryBusy as busy:
        raise ConcurrentUpdate(what="the source branch") from busy


def source_commit_of(project: Project, edit_sequence: int) -> str:
    """Return the commit of the edit with that sequence, "" while it is none.

    Sequence 0, before the first edit, is the branch's empty root commit.
    """
    if edit_sequence == 0:
        with Repository(repositories_of(project).source) as repository:
            *_, root = refs.first_parents(repository, refs.tip(repository, SOURCE))
            return str(root.id, "ascii")
    commit = (
        Edit.objects.filter(project=project, sequence=edit_sequence)
        .values_list("source_commit", flat=True)
        .first()
    )
    return commit or ""


def _unmirrored(project: Project) -> QuerySet[Edit]:
    return Edit.objects.filter(project=project, source_commit="")


def _waiting(project: Project) -> Iterator[Edit]:
    """Yield unmirrored edits in order; sequences have no gaps, so none is passed."""
    edits = _unmirrored(project).select_related("actor").order_by("sequence")
    while batch := list(edits[:_BATCH]):
        yield from batch


def _adopted(repository: Repository, edit: Edit) -> str | None:
    """Return this edit's commit if the branch has it already (from before a crash)."""
    for commit in refs.first_parents(repository, refs.tip(repository, SOURCE)):
        recorded = _recorded(repository, str(commit.tree, "ascii"))
        if recorded <= edit.sequence:
            return commit.id.decode() if recorded == edit.sequence else None
    return None


def _recorded(repository: Repository, tree: str) -> int:
    """Return the edit that a commit's tree names, 0 for the root."""
    try:
        return int(trees.read_file(repository, tree, RECORD))
    except NoSuchObject:
        return 0


def _commit(repository: Repository, edit: Edit) -> str:
    tip = refs.tip(repository, SOURCE)
    digests = {digest for digest in edit.files.values() if digest}
    texts = dict(Text.objects.filter(pk__in=digests).values_list("digest", "body"))
    edits: dict[str, trees.TreeEdit] = {
        path: None if digest is None else texts[digest].encode()
        for path, digest in edit.files.items()
    }
    edits[RECORD] = f"{edit.sequence}\n".encode()
    root, objects = trees.edit_tree(repository, repository.tree_of(tip), edits)
    built = build_commit(
        parent=tip,
        tree=root,
        message=f"{one_line(edit.message)}\n\nEdit: {edit.sequence}\n",
        author=_author(edit.actor),
        committer=service_identity(),
        at=edit.at,
    )
    commit = str(built.id, "ascii")
    packs.add_pack(repository, [*objects, built])
    moved = refs.compare_and_swap(repository, SOURCE, old=tip, new=commit)
    assert moved, "the branch has no other writer under its lock"
    return commit


@transaction.atomic
def _write_down(project: Project, edit: Edit, commit: str) -> None:
    Edit.objects.filter(pk=edit.pk).update(source_commit=commit)
    HostedRepository.objects.filter(pk=hosted(project).pk).update(
        source_commit=commit, source_edit=edit.sequence
    )


def _author(actor: User | None) -> Identity:
    if actor is None:
        return service_identity()
    return Identity(actor.label, actor.email)
