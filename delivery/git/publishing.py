"""Publishing a commit: bring what the served repository lacks, then move its branch.

The objects are prepared beforehand, outside any lock, where no reader sees them. They
appear under the lock, with a note, so that whatever interrupts it the served repository
holds only what its branch reaches.
"""

import time
from pathlib import Path

from delivery.git import drafts, journal, refs
from delivery.git.locks import require_lock
from delivery.git.objects import missing_objects, new_objects
from delivery.git.repository import Repository

DRAFTS_KEPT_SECONDS = 3600
"""How long a prepared commit may wait for its permission before it is cleared."""


def prepare(source: Repository, served: Path, commit: str) -> None:
    """Write what `commit` adds to its parent as a draft pack of `served`.

    Needs no lock: what counts as new is told by the parent's tree alone, so that
    another publication, half done or undone, cannot mislead it.

    :raises delivery.git.objects.CorruptObject: if an object of the source is damaged.
    :raises delivery.git.repository.NoSuchObject: if the source lacks an object.
    """
    drafts.clear(served, older_than=time.time() - DRAFTS_KEPT_SECONDS)
    drafts.write(served, commit, new_objects(source, commit))


def publish(
    source: Repository, served: Repository, branch: str, *, old: str, new: str
) -> bool:
    """Move a branch of `served` from `old` to `new`, a commit `source` holds.

    What `prepare` wrote is used; without it the objects are copied here. Return False,
    with nothing copied, if the branch stands elsewhere.

    :raises delivery.git.refs.NotLinear: if `new` is not built on `old`.
    :raises delivery.git.objects.CorruptObject: if an object of the source is damaged.
    :raises delivery.git.locks.LockNotHeld: without the lock of `served`.
    """
    require_lock(served.path)
    if refs.tip(served, branch) != old:
        return False
    if not refs.is_reachable(source, tip=new, commit=old):
        raise refs.NotLinear(f"{new} does not follow on {old}")
    draft = None
    if source.read_commit(new).parents == [old.encode()]:
        draft = drafts.find(served.path, new)
    if draft is None:
        missing = missing_objects(source, served, [new])
        if not missing:
            return refs.compare_and_swap(served, branch, old=old, new=new)
        draft = drafts.write(served.path, new, missing)
    try:
        journal.begin(
            served.path, pack=draft.name, ref=f"refs/heads/{branch}", commit=new
        )
        draft.reveal()
        return refs.compare_and_swap(served, branch, old=old, new=new)
    finally:
        draft.discard()
        journal.settle(served.path)
        served.refresh()
