"""Claims: an open release holds its changes, so that no two releases ship one."""

from releases import errors
from releases.models import Release, ReleaseChange


def release_claims(release: Release) -> None:
    """Give the changes back to the pool (closed releases claim nothing)."""
    release.changes.filter(is_claimed=True).update(is_claimed=False)


def claim_again(release: Release) -> None:
    """Take the changes of a failed release again, for a retry.

    :raises ChangeAlreadyClaimed: when another open release has one of them
    """
    ids = list(release.changes.values_list("change_id", flat=True))
    taken = ReleaseChange.objects.filter(
        target=release.target, change_id__in=ids, is_claimed=True
    ).exclude(release=release)
    claimed = {
        row.change_id: row.release.name for row in taken.select_related("release")
    }
    if claimed:
        raise errors.ChangeAlreadyClaimed(
            claimed=", ".join(sorted(set(claimed.values()))),
            details={"claimed": claimed},
        )
    release.changes.update(is_claimed=True)
