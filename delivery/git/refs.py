"""Reading and moving branches; what is committed on them is not looked at here."""

from collections.abc import Iterator

from dulwich.file import FileLocked
from dulwich.objects import Commit
from dulwich.refs import Ref

from delivery.git.ids import to_git
from delivery.git.journal import fsync_folder
from delivery.git.locks import require_lock
from delivery.git.repository import NoSuchObject, Repository


class NotLinear(ValueError):
    """The new tip does not follow on the old one."""


def tip(repository: Repository, branch: str) -> str:
    """Return the id of the commit a branch stands at.

    :raises delivery.git.repository.NoSuchObject: if there is no such branch.
    """
    try:
        return repository.refs[_ref(branch)].decode()
    except KeyError:
        raise NoSuchObject(f"no branch {branch}") from None


def compare_and_swap(
    repository: Repository, branch: str, *, old: str, new: str
) -> bool:
    """Move a branch from `old` to `new`, durably; False if it stands elsewhere.

    :raises NotLinear: if `new` is not built on `old`.
    :raises delivery.git.locks.LockNotHeld: without the repository's lock.
    """
    require_lock(repository.path)
    file = repository.path / "refs" / "heads" / branch
    if file.is_symlink():
        raise ValueError(f"{branch} belongs to another repository")
    if not is_reachable(repository, tip=new, commit=old):
        raise NotLinear(f"{new} does not follow on {old}")
    try:
        # `old` is never None here: dulwich would then set unconditionally.
        moved = repository.refs.set_if_equals(_ref(branch), to_git(old), to_git(new))
    except FileLocked:
        return False
    if moved:
        fsync_folder(file.parent)
    return moved


def is_reachable(repository: Repository, *, tip: str, commit: str) -> bool:
    """Say whether `commit` is `tip` or one of the commits it was built on."""
    if not repository.holds(commit):
        return False
    return any(found.id == to_git(commit) for found in first_parents(repository, tip))


def first_parents(repository: Repository, tip: str) -> Iterator[Commit]:
    """Yield the commits from `tip` down to the root, newest first."""
    at: str | None = tip
    while at is not None:
        commit = repository.read_commit(at)
        yield commit
        at = commit.parents[0].decode() if commit.parents else None


def _ref(branch: str) -> Ref:
    return Ref(b"refs/heads/" + branch.encode())
