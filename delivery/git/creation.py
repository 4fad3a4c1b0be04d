"""Making bare repositories, each begun with an empty root commit on its branch."""

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from dulwich.objects import Tree

from delivery.git import packs
from delivery.git.commits import Identity, build_commit
from delivery.git.ids import EMPTY_TREE
from delivery.git.journal import fsync_folder
from delivery.git.repository import Repository

_CONFIG = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[uploadpack]
\tallowFilter = true
\tallowReachableSHA1InWant = true
[http]
\treceivepack = false
[receive]
\tdenyCurrentBranch = refuse
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""


def open_or_create(
    path: Path,
    *,
    branch: str,
    identity: Identity,
    at: datetime,
    shows: tuple[Path, str] | None = None,
) -> Repository:
    """Open the repository at `path`; if there is none, make it first.

    A new one has `branch` on a commit of the empty tree, and HEAD names it.

    :param shows: another repository, which must never lose objects, and one of its
        branches: this one borrows its objects (Git's alternates), shows the branch as
        it stands there, and HEAD names that branch instead.
    :raises OSError: if something else is there.
    """
    if not (path / "HEAD").is_file():
        _create(path, branch, identity, at, shows)
    return Repository(path)


def _create(
    path: Path,
    branch: str,
    identity: Identity,
    at: datetime,
    shows: tuple[Path, str] | None,
) -> None:
    """Make the repository beside `path`, then move it there whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        for folder in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
            (draft / folder).mkdir(parents=True)
        (draft / "config").write_text(_CONFIG)
        root = build_commit(
            parent=None,
            tree=EMPTY_TREE,
            message=f"Begin {branch}.\n",
            author=identity,
            committer=identity,
            at=at,
        )
        packs.write_pack(draft, [Tree(), root])
        (draft / "refs" / "heads" / branch).write_bytes(root.id + b"\n")
        head = branch if shows is None else _borrow(draft, *shows)
        (draft / "HEAD").write_text(f"ref: refs/heads/{head}\n")
        draft.chmod(0o755)
        _make_durable(draft)
        _settle(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _settle(draft: Path, path: Path) -> None:
    """Move the draft to its place, unless someone else has been faster."""
    try:
        # A folder that is not empty is never replaced.
        draft.rename(path)
    except OSError:
        if not (path / "HEAD").is_file():
            raise
    fsync_folder(path.parent)


def _make_durable(folder: Path) -> None:
    for found in folder.rglob("*"):
        if found.is_dir():
            fsync_folder(found)
        elif found.suffix not in {".pack", ".idx"} and not found.is_symlink():
            with found.open("rb") as file:
                os.fsync(file.fileno())
    fsync_folder(folder)


def _borrow(draft: Path, lender: Path, branch: str) -> str:
    """Let a repository, still a draft beside its place, show another's branch.

    Git reads a ref through a symbolic link; compare_and_swap refuses to write one.
    """
    objects = os.path.relpath(lender / "objects", draft / "objects")
    (draft / "objects" / "info" / "alternates").write_text(f"{objects}\n")
    heads = draft / "refs" / "heads"
    (heads / branch).symlink_to(
        os.path.relpath(lender / "refs" / "heads" / branch, heads)
    )
    return branch
