"""Claims: an open release holds its changes, so that no two releases ship one."""

from releases import errors
from releases.bells import recount_soon
from releases.models import Release, ReleaseChange, ReleaseKind


def release_claims(release: Release) -> None:
    """Give the changes back to the pool (closed releases claim nothing)."""
    release.changes.filter(is_claimed=True).update(is_claimed=False)
    recount_soon(release.target)


def claim_again(release: Release) -> None:
    """Take the changes of a failed release again, for a retry.

    A rollback claims nothing.

    :raises ChangeAlreadyClaimed: when another open release has one of them
    """
    if release.kind == ReleaseKind.ROLLBACK:
        return
    rows = list(release.changes.all())
    taken = ReleaseChange.objects.filter(
        target=release.target,
        change_id__in=[row.change_id for row in rows],
        is_claimed=True,
    ).exclude(release=release)
    others = {
        row.change_id: row.release.name for row in taken.select_related("release")
    }
    # Every first release carries the policy; only one of them claims it.
    carried = {row.change_id for row in rows if row.document.get("carried")}
    claimed = {key: name for key, name in others.items() if key not in carried}
    if claimed:
        raise errors.ChangeAlreadyClaimed(
            claimed=", ".join(sorted(set(claimed.values()))),
            details={"claimed": claimed},
        )
    release.changes.exclude(change_id__in=others).update(is_claimed=True)
    recount_soon(release.target)
