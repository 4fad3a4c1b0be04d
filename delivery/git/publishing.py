"""Publishing a commit: copy what the served repository lacks, then move its branch.

Both happen under the lock, with a note of the copy, so that whatever interrupts it the
served repository holds only what its branch reaches.
"""

from delivery.git import journal, refs
from delivery.git.locks import require_lock
from delivery.git.packs import draft_pack, missing_objects
from delivery.git.repository import Repository


def publish(
    source: Repository, served: Repository, branch: str, *, old: str, new: str
) -> bool:
    """Move a branch of `served` from `old` to `new`, a commit `source` holds.

    Return False, with nothing copied, if the branch stands elsewhere.

    :raises delivery.git.refs.NotLinear: if `new` is not built on `old`.
    :raises delivery.git.packs.CorruptObject: if an object of the source is damaged.
    :raises delivery.git.locks.LockNotHeld: without the lock of `served`.
    """
    require_lock(served.path)
    if refs.tip(served, branch) != old:
        return False
    if not refs.is_reachable(source, tip=new, commit=old):
        raise refs.NotLinear(f"{new} does not follow on {old}")
    missing = missing_objects(source, served, [new])
    if not missing:
        return refs.compare_and_swap(served, branch, old=old, new=new)
    draft = draft_pack(served.path, missing)
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
