"""The ``source`` branch: one commit per edit, by its author, in order (domain 4).

The database is the truth and the branch its mirror that catches up. After a crash the
branch may be ahead of the rows: its commits are recognised by the edit they name in a
record of their own, and by what it changed, and adopted, never made twice. Beside an
older copy of the database it holds edits that nobody knows: those are turned back.
"""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from dulwich.objects import Commit, ShaFile

from delivery.git import locks, packs, refs, trees
from delivery.git.commits import Identity, build_commit
from delivery.git.ids import EMPTY_TREE
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
_BATCH: Final = 50
"""How many edits are written as one pack, and their texts held in memory. With a pack
for each, the next one is looked for in hundreds."""


def catch_up(project: Project, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Commit every edit that is no commit yet. Safe to call at the same time.

    :param patience_seconds: how long to wait for somebody else who is at the branch
    :raises ConcurrentUpdate: when somebody else is at it for longer
    """
    if not is_behind(project):
        return
    path = repositories_of(project).source
    edits = _unmirrored(project).select_related("actor").order_by("sequence")
    try:
        with (
            Repository(path) as repository,
            locks.lock(path, timeout_seconds=patience_seconds),
        ):
            # Sequences have no gaps: none that is committed meanwhile is passed.
            while batch := list(edits[:_BATCH]):
                _mirror(repository, project, batch)
    except locks.RepositoryBusy as busy:
        raise ConcurrentUpdate(what="the source branch") from busy


def is_behind(project: Project) -> bool:
    """Say whether an edit of *project* is no commit yet."""
    return _unmirrored(project).exists()


def rebuild(project: Project) -> None:
    """Make again the commits of edits that the branch lost, and turn back strangers.

    :raises MirrorDiffers: when a commit comes out differently; what came before it is
        there again
    :raises delivery.git.locks.RepositoryBusy: when the branch stays locked
    """
    path = repositories_of(project).source
    edits = Edit.objects.filter(project=project).select_related("actor")
    with Repository(path) as repository, locks.lock(path):
        tip = refs.tip(repository, SOURCE)
        there = {found.id.decode() for found in refs.first_parents(repository, tip)}
        lost = [
            edit
            for edit in edits.order_by("sequence")
            if edit.source_commit and edit.source_commit not in there
        ]
        for start in range(0, len(lost), _BATCH):
            _commit(repository, lost[start : start + _BATCH])
        last = edits.order_by("sequence").last()
        known = last.sequence if last else 0
        is_mirrored = last is None or last.source_commit
        if is_mirrored and _recorded_at_tip(repository) > known:
            _turn_back(repository, project, before=known + 1)
        HostedRepository.objects.filter(pk=hosted(project).pk).update(
            source_commit=refs.tip(repository, SOURCE)
        )
    catch_up(project)


class MirrorDiffers(Exception):
    """An edit gives another commit than it once did: its author was renamed, say."""


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


def _mirror(repository: Repository, project: Project, edits: list[Edit]) -> None:
    """Commit *edits*, the next ones in order, and write down which commits they are."""
    adopted: list[Edit] = []
    for edit in edits:
        edit.source_commit = _adopted(repository, edit) or ""
        if not edit.source_commit:
            break
        adopted.append(edit)
    _write_down(project, adopted)
    if new := edits[len(adopted) :]:
        if _recorded_at_tip(repository) >= new[0].sequence:
            _turn_back(repository, project, before=new[0].sequence)
        _commit(repository, new)
        _write_down(project, new)


def _adopted(repository: Repository, edit: Edit) -> str | None:
    """Return this edit's commit if the branch has it already (from before a crash)."""
    for commit in refs.first_parents(repository, refs.tip(repository, SOURCE)):
        recorded = recorded_edit(repository, commit.id.decode())
        if recorded <= edit.sequence:
            is_it = recorded == edit.sequence and _is_commit_of(
                repository, commit, edit
            )
            return commit.id.decode() if is_it else None
    return None


def _is_commit_of(repository: Repository, commit: Commit, edit: Edit) -> bool:
    """Say whether a commit that names the edit's number is this edit's.

    Beside an older copy of the database a number is given twice.
    """
    if not commit.parents or commit.author_time != int(edit.at.timestamp()):
        return False
    tree, _ = _edited(repository, edit, parent=commit.parents[0].decode())
    return tree == str(commit.tree, "ascii")


def recorded_edit(repository: Repository, commit: str) -> int:
    """Return the edit that a commit's tree names, 0 for the root."""
    try:
        return int(trees.read_file(repository, repository.tree_of(commit), RECORD))
    except NoSuchObject:
        return 0


def _recorded_at_tip(repository: Repository) -> int:
    return recorded_edit(repository, refs.tip(repository, SOURCE))


def _turn_back(repository: Repository, project: Project, *, before: int) -> None:
    """Commit what stood there at the edit before the one with that sequence."""
    known = source_commit_of(project, before - 1)
    tree = repository.tree_of(known) if known else EMPTY_TREE
    at = Edit.objects.filter(project=project, sequence=before - 1).first()
    tip = refs.tip(repository, SOURCE)
    built = build_commit(
        parent=tip,
        tree=tree,
        message=f"Return to edit {before - 1}\n\n"
        "Later edits are not in the database: an older copy of it was restored.\n",
        author=service_identity(),
        committer=service_identity(),
        at=at.at if at else project.created_at,
    )
    repository.stage([built])
    _publish(repository, old=tip, new=built.id.decode())


def _commit(repository: Repository, edits: Sequence[Edit]) -> None:
    """Commit edits on the branch as one pack; each is told its commit.

    :raises MirrorDiffers: when one that was a commit gives another now; what came
        before it is committed, as with any other error
    """
    at = tip = refs.tip(repository, SOURCE)
    try:
        for edit in edits:
            at = edit.source_commit = _stage(repository, edit, parent=at)
    finally:
        if at != tip:
            _publish(repository, old=tip, new=at)


def _stage(repository: Repository, edit: Edit, *, parent: str) -> str:
    """Make the commit of an edit, to be published with others; return its id.

    :raises MirrorDiffers: when the edit was another commit before
    """
    root, objects = _edited(repository, edit, parent=parent)
    built = build_commit(
        parent=parent,
        tree=root,
        message=f"{one_line(edit.message)}\n\nEdit: {edit.sequence}\n",
        author=_author(edit.actor),
        committer=service_identity(),
        at=edit.at,
    )
    commit = built.id.decode()
    if edit.source_commit not in ("", commit):
        raise MirrorDiffers(
            f"edit {edit.sequence} gives {commit}, not {edit.source_commit}"
        )
    repository.stage([*objects, built])
    return commit


def _edited(
    repository: Repository, edit: Edit, *, parent: str
) -> tuple[str, list[ShaFile]]:
    """Return the tree that an edit makes of its parent's, and its new objects."""
    digests = {digest for digest in edit.files.values() if digest}
    texts = dict(Text.objects.filter(pk__in=digests).values_list("digest", "body"))
    edits: dict[str, trees.TreeEdit] = {
        path: None if digest is None else texts[digest].encode()
        for path, digest in edit.files.items()
    }
    edits[RECORD] = f"{edit.sequence}\n".encode()
    return trees.edit_tree(repository, repository.tree_of(parent), edits)


def _publish(repository: Repository, *, old: str, new: str) -> None:
    """Write what is staged, and move the branch: readers see all of it or nothing."""
    packs.add_staged(repository)
    moved = refs.compare_and_swap(repository, SOURCE, old=old, new=new)
    assert moved, "the branch has no other writer under its lock"


@transaction.atomic
def _write_down(project: Project, edits: Sequence[Edit]) -> None:
    if not edits:
        return
    Edit.objects.bulk_update(edits, ["source_commit"])
    last = edits[-1]
    HostedRepository.objects.filter(pk=hosted(project).pk).update(
        source_commit=last.source_commit, source_edit=last.sequence
    )


def _author(actor: User | None) -> Identity:
    if actor is None:
        return service_identity()
    return Identity(actor.label, actor.email)
