"""Who may not vote on a release: its authors, and the editors of what it selects."""

from collections.abc import Collection, Iterable

from environments.selectors import editors_of

from environments.desired.change import Change
from environments.models import TenantEnvironment
from gitopshq.core.models import ServiceAccount, User
from releases.models import ReleaseChange, Status


def barred_people(
    target: TenantEnvironment,
    changes: Collection[Change],
    *,
    authors: Collection[User],
    until: int,
) -> dict[str, str]:
    """Return user ids (as text) with the reason why each may not vote (domain 8).

    An edit counts when it touched the place of a selected change after that place was
    last shipped here, up to the edit sequence *until*. A service account counts as its
    owner.
    """
    shipped = _shipped_at(target, [change.id for change in changes])
    since: dict[int, list[Change]] = {}
    for change in changes:
        since.setdefault(shipped.get(change.id, 0), []).append(change)
    barred = {
        str(person.pk): f"edited {what}"
        for edit, some in since.items()
        for person, what in editors_of(target, some, after=edit, until=until).items()
    }
    barred |= {str(author.pk): "made this release" for author in authors}
    return barred | _owners(barred)


def _shipped_at(target: TenantEnvironment, ids: Iterable[str]) -> dict[str, int]:
    """Return, by change id, the baseline edit of the release that shipped it last."""
    rows = (
        ReleaseChange.objects.filter(
            target=target,
            change_id__in=list(ids),
            release__status__in=[Status.DEPLOYED, Status.ROLLED_BACK],
        )
        .order_by("release__deployed_at", "release__number")
        .values_list("change_id", "release__baseline_edit")
    )
    return dict(rows)


def _owners(barred: dict[str, str]) -> dict[str, str]:
    accounts = ServiceAccount.objects.filter(user__in=[int(pk) for pk in barred])
    return {
        str(account.owner_id): f"{barred[str(account.user_id)]} through {account.user}"
        for account in accounts.select_related("user")
    }
