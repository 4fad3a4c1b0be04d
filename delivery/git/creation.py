"""Making bare repositories, each begun with an empty root commit on its branch."""

import contextlib
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
    :raises FileExistsError: if something else is there.
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
        # Whoever made it first wins: a folder that is not empty is never replaced.
        with contextlib.suppress(OSError):
            draft.rename(path)
        fsync_folder(path.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    if not (path / "HEAD").is_file():
        raise FileExistsError(f"{path} is there but is no repository")


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
