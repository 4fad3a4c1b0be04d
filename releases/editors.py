"""Who may not vote on a release: its authors, and the editors of what it selects."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from environments.desired.change import (
    ASSIGNMENT,
    CHART,
    FILE,
    IMAGE,
    TARGET,
    VALUES,
    Change,
    Place,
)
from environments.models import TenantEnvironment
from environments.places import SourcePlace, places_of
from environments.selectors import LastEdit, editors_since, last_edit_of
from gitopshq.core.models import User
from releases.models import ReleaseChange, Status


def barred_people(
    target: TenantEnvironment,
    changes: Collection[Change],
    *,
    authors: Collection[User],
    until: int,
    is_first: bool = False,
) -> dict[str, str]:
    """Return user ids (as text) with the reason why each may not vote (domain 8).

    An edit counts when it touched the place of a selected change after that place was
    last shipped here, up to the edit sequence *until*. A service account counts as its
    owner. Before the *first* release of a target nothing was shipped.
    """
    shipped = {} if is_first else _shipped_at(target, changes)
    since: dict[int, list[SourcePlace]] = {}
    for change in changes:
        places = since.setdefault(shipped.get(change.id, 0), [])
        places.extend(_places(target, change))
    people = editors_since(target.project, since, until=until)
    barred = {str(person.pk): "edited a change in it" for person in people}
    barred |= {str(author.pk): "made this release" for author in authors}
    return barred | _owners(authors, barred)


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


def _shipped_at(
    target: TenantEnvironment, changes: Collection[Change]
) -> dict[str, int]:
    """Return, by change id, the baseline edit of the release that shipped it last.

    What was shipped as part of something greater was shipped too. A rollback ships
    anew what had been shipped when what it goes back to was deployed.
    """
    covering = {change.id: _covering(change) for change in changes}
    rows = ReleaseChange.objects.filter(
        target=target,
        change_id__in=set().union(*covering.values()),
        release__status__in=[Status.DEPLOYED, Status.ROLLED_BACK],
    ).order_by("release__deployed_at", "release__number")
    shipped: dict[str, list[tuple[datetime, int]]] = {}
    for shipped_id, at, baseline, back_to in rows.values_list(
        "change_id",
        "release__deployed_at",
        "release__baseline_edit",
        "release__rollback_to__deployed_at",
    ):
        assert at is not None, "what was deployed says when"
        for change_id in (own for own, ids in covering.items() if shipped_id in ids):
            earlier = shipped.setdefault(change_id, [])
            edit = baseline
            if back_to is not None:
                edit = next((e for then, e in reversed(earlier) if then <= back_to), 0)
            earlier.append((at, edit))
    return {change_id: entries[-1][1] for change_id, entries in shipped.items()}


def _covering(change: Change) -> set[str]:
    """Return the ids of the changes that ship all of *change*, itself among them.

    Those are the one that adds its object, and those of the values it stands in.
    """
    found = {change.id}
    if change.facet in (CHART, FILE, IMAGE, TARGET, VALUES):
        found.add(Place(change.type, change.object, ASSIGNMENT).id)
    if change.facet in (IMAGE, VALUES):
        keys = change.path.split("/")
        above = ("/".join(keys[:depth]) for depth in range(1, len(keys)))
        place = Place(change.type, change.object, VALUES, change.layer)
        found |= {replace(place, path=path).id for path in above}
    return found


def _owners(authors: Iterable[User], barred: Mapping[str, str]) -> dict[str, str]:
    """Return who acted through a service account; editors are people already."""
    accounts = [getattr(author, "service_account", None) for author in authors]
    return {
        str(account.owner_id): f"{barred[str(account.user_id)]} through {account.user}"
        for account in accounts
        if account is not None
    }
