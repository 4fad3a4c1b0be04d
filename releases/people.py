"""People around a release: who made it, who may vote on it, how they are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from approvals.subjects import request_for
from environments import access
from environments.models import Environment
from environments.permissions import Permission
from environments.policies import PolicyTerms
from gitopshq.core.models import AuditEntry, ServiceAccount, User
from releases import quorum
from releases.events import ReleaseEvent
from releases.models import Release

_HANDS = (ReleaseEvent.CREATED, ReleaseEvent.EDITED, ReleaseEvent.REFRESHED)


def authors_of(release: Release) -> list[User]:
    """Return those who made, edited or refreshed *release* or what it recreates.

    None of them may vote on it (domain 8).
    """
    chain = [release.pk]
    earlier = release.recreated_from
    while earlier is not None:
        chain.append(earlier.pk)
        earlier = earlier.recreated_from
    ids = (
        AuditEntry.objects.filter(
            object_type="releases.release",
            object_id__in=[str(pk) for pk in chain],
            event__in=[str(event) for event in _HANDS],
            actor__isnull=False,
        )
        .values_list("actor", flat=True)
        .distinct()
    )
    people = User.objects.select_related("service_account")
    return list(people.filter(pk__in={release.author_id, *ids}))


def barred_from(release: Release) -> dict[str, str]:
    """Return the usernames of those who may not vote on *release*, each with why."""
    people = User.objects.filter(pk__in=[int(pk) for pk in release.barred])
    return {
        person.username: release.barred[str(person.pk)]
        for person in people.order_by("username")
    }


def names_of(logins: Iterable[str | None]) -> dict[str, str]:
    """Return how people are called, by login, in one query."""
    wanted = {login for login in logins if login}
    if not wanted:
        return {}
    return {
        user.username: user.label for user in User.objects.filter(username__in=wanted)
    }


def listeners_of(release: Release) -> QuerySet[User]:
    """Return its author and whoever voted on it, as far as they may still view it."""
    request = request_for(release)
    wanted = Q(pk=release.author_id)
    if request is not None:
        wanted |= Q(pk__in=request.decisions.values("approver"))
    environment = release.target.environment
    return access.holders_of(Permission.VIEW_RELEASE, environment).filter(wanted)


def are_one(one: User, other: User) -> bool:
    """Say whether two accounts are one person: a service account is its owner."""
    return person_of(one) == person_of(other)


def person_of(user: User) -> int:
    """Return the key of the person behind an account."""
    account: ServiceAccount | None = getattr(user, "service_account", None)
    return account.owner_id if account else user.pk


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who holds the vote there; ``reason`` says why they may not use it."""

    user: User
    reason: str = ""

    @property
    def document(self) -> dict[str, Any]:
        return {
            "user": self.user.username,
            "name": self.user.label,
            "eligible": not self.reason,
            "reason": self.reason,
        }


def approvers_of(
    release: Release, *, terms: PolicyTerms | None = None
) -> list[Approver]:
    """Return who holds the vote on *release*, those who may use it first.

    *terms* spare the query where the caller has them.
    """
    terms = terms or quorum.terms_of(release)
    barred = release.barred if terms.block_self_approval else {}
    return approvers_in(release.target.environment, barred)


def approvers_in(environment: Environment, barred: Mapping[str, str]) -> list[Approver]:
    """Return who holds the vote in *environment*; *barred* maps user ids to reasons."""
    holders = access.holders_of(Permission.APPROVE_RELEASE, environment)
    return approvers_among(holders.order_by("username"), barred)


def approvers_among(
    holders: Iterable[User], barred: Mapping[str, str]
) -> list[Approver]:
    """Return *holders* of the vote, those who may use it first."""
    found = [Approver(one, barred.get(str(one.pk), "")) for one in holders]
    return sorted(found, key=lambda approver: bool(approver.reason))
