"""What the guard chain is asked, and what one gate answers."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.utils import timezone

from environments import access
from environments.freezing import FreezeVerdict
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.selectors import FreezeCalendar, calendar_of
from gitopshq.core.errors import DomainError
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import User
from releases import people, quorum
from releases.glass import glasses_of, open_glass
from releases.models import (
    BreakGlass,
    DeployedState,
    Evidence,
    Release,
    Status,
)
from releases.record import evidence_of
from releases.staleness import Staleness, staleness_of


class Moment(StrEnum):
    """When the chain is asked: at the click, by the worker, or by the system."""

    DEPLOY = "deploy"
    RETRY = "retry"
    COMMIT = "commit"
    AUTO = "auto"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105
    WAIT = "wait"
    FAIL = "fail"


@dataclass(frozen=True)
class Question:
    """Who wants what, when. ``actor`` None is the system (guards 1 and 3 then pass)."""

    release: Release
    actor: User | None
    moment: Moment
    at: datetime = field(default_factory=timezone.now)
    rights: dict[Permission, bool] = field(default_factory=dict, compare=False)
    """What the actor is known to hold there, or not to."""

    def may(self, permission: Permission) -> bool:
        """Say whether the actor holds *permission* there; it is asked once."""
        if self.actor is None:
            return True
        if permission not in self.rights:
            place = self.release.target.environment
            self.rights[permission] = access.allowed(self.actor, permission, on=place)
        return self.rights[permission]

    @cached_property
    def terms(self) -> PolicyTerms:
        """The policy that judges the release now."""
        return quorum.terms_of(self.release)

    @cached_property
    def progress(self) -> quorum.Progress:
        """Where its approval stands."""
        return quorum.progress_of(self.release, terms=self.terms, at=self.at)

    @cached_property
    def approvers(self) -> list[people.Approver]:
        """Who holds the vote on it."""
        return people.approvers_of(self.release, terms=self.terms)

    @cached_property
    def stale(self) -> Staleness | None:
        """Why it is stale, if it is."""
        return staleness_of(self.release)

    @cached_property
    def freeze(self) -> FreezeVerdict:
        """Whether its target is frozen."""
        return self.calendar.verdict(self.at)

    @cached_property
    def calendar(self) -> FreezeCalendar:
        """All that freezes its target from now on."""
        return calendar_of(self.release.target, at=self.at)

    @cached_property
    def glass(self) -> BreakGlass | None:
        """What sets a freeze aside for it now, if anything does."""
        return open_glass(self.release, self.at)

    @cached_property
    def glasses(self) -> list[BreakGlass]:
        """Every break-glass of it, newest first."""
        return glasses_of(self.release)

    @cached_property
    def evidence(self) -> Evidence:
        """What is on record of how it went."""
        return evidence_of(self.release)

    @property
    def is_closed(self) -> bool:
        """Whether its evidence was closed: what is on record as failed stays so."""
        return self.evidence.closed_at is not None

    @cached_property
    def running(self) -> Release | None:
        """Another release that is being deployed to its target."""
        others = Release.objects.filter(
            target=self.release.target, status=Status.DEPLOYING
        )
        return others.exclude(pk=self.release.pk).first()

    @cached_property
    def deployed(self) -> DeployedState | None:
        """What its target runs, where that is this release."""
        return DeployedState.objects.filter(release=self.release).first()


@dataclass(frozen=True)
class Gate:
    """How one gate stands: its rule, the evidence, and when that next changes."""

    name: str
    title: str
    verdict: Verdict
    reason: str
    next_change: datetime | None = None
    details: dict[str, Any] = field(default_factory=dict)
    refusal: DomainError | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The gate by Python names, for the API."""
        return {
            "name": self.name,
            "title": self.title,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "next_change": self.next_change,
            "details": self.details,
            "code": self.refusal.code if self.refusal else None,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the gate as it is stored on an attempt."""
        at = rfc3339(self.next_change) if self.next_change else None
        return {**self.document, "next_change": at}
