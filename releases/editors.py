"""Who may not vote on a release: its authors, and the editors of what it selects."""

from collections.abc import Collection, Iterable

from environments.desired.change import Change
from environments.models import TenantEnvironment
from environments.places import SourcePlace, places_of
from environments.selectors import LastEdit, editors_between, last_edit_of
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
    barred: dict[str, str] = {}
    for edit, some in since.items():
        places = [place for change in some for place in _places(target, change)]
        people = editors_between(target.project, edit, until, places)
        barred |= {str(person.pk): "edited a change in it" for person in people}
    barred |= {str(author.pk): "made this release" for author in authors}
    return barred | _owners(barred)


def last_edits(
    target: TenantEnvironment, changes: Collection[Change]
) -> dict[str, LastEdit]:
    """Return, by change id, the newest edit that touched its place."""
    return last_edit_of(
        target.project, {change.id: _places(target, change) for change in changes}
    )


def _places(target: TenantEnvironment, change: Change) -> tuple[SourcePlace, ...]:
    return places_of(
        change, tenant=target.tenant.slug, environment=target.environment.slug
    )


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
