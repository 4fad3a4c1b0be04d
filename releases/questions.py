"""What the guard chain is asked, the facts of a release, and what one gate answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from approvals.models import ApprovalDecision
from approvals.tally import decisions_on, stands
from delivery.models import RenderingState
from environments import access
from environments.capture import policy_as_read
from environments.freezing import FreezeVerdict
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.selectors import FreezeCalendar, calendar_of
from environments.selectors.around import Around, people_around
from gitopshq.core.errors import DomainError
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import User
from releases import people, quorum
from releases.changes import release_changes
from releases.following import deployed_in, written_evidence
from releases.glass import glasses_of, is_open
from releases.models import (
    CANCELLABLE,
    BreakGlass,
    DeployAttempt,
    DeployedState,
    Evidence,
    Release,
    Status,
)
from releases.record import found_or_blank
from releases.staleness import Staleness, staleness_against, staleness_shown

RIGHTS: Final = (
    Permission.CREATE_RELEASE,
    Permission.APPROVE_RELEASE,
    Permission.DEPLOY_RELEASE,
    Permission.CANCEL_RELEASE,
    Permission.OVERRIDE_FREEZE,
)
"""What is asked of whoever looks at a release, or takes it further."""
OF_THE_PROJECT: Final = (Permission.VIEW_RELEASE, Permission.VIEW_AUDIT)
"""What is asked of readers on the whole project: its Git history, its trail."""
AHEAD: Final = (*CANCELLABLE, Status.FAILED)
SENT: Final = (Status.DEPLOYING, Status.DEPLOYED, Status.ROLLED_BACK, Status.FAILED)
"""Where there may have been attempts to deploy."""


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
    """Who wants what, when, and the facts that answer it, each read once.

    ``actor`` None is the system (guards 1 and 3 then pass). Whoever acts asks within
    the project lock, about a release read there: ``is_look`` is for what is shown, and
    takes staleness from the flags where they are sure.
    """

    release: Release
    actor: User | None
    moment: Moment
    at: datetime = field(default_factory=timezone.now)
    rights: dict[Permission, bool] = field(default_factory=dict, compare=False)
    """What the actor is known to hold there, or not to."""
    is_look: bool = field(default=False, compare=False)

    def may(self, permission: Permission) -> bool:
        """Say whether the actor holds *permission* there; it is asked once."""
        if self.actor is None:
            return True
        if permission not in self.rights and permission in RIGHTS:
            held = self.around.rights
            self.rights.update({one: one in held for one in RIGHTS})
        if permission not in self.rights:
            place = self.release.target.environment
            self.rights[permission] = access.allowed(self.actor, permission, on=place)
        return self.rights[permission]

    @property
    def is_ahead(self) -> bool:
        """Whether the release may still pass the gates, now or after a failure."""
        return self.release.status in AHEAD

    @cached_property
    def changes(self) -> list[dict[str, Any]]:
        """What the release changes, as it was when it was cut."""
        return release_changes(self.release)

    @cached_property
    def around(self) -> Around:
        """The people around it, as far as it is at a step that asks for them."""
        holding = [Permission.APPROVE_RELEASE]
        if self.is_look and self.is_ahead:
            holding += [Permission.DEPLOY_RELEASE, *self._wanted()]
        return people_around(
            self.release.target.environment,
            reader=self.actor,
            holding=holding,
            rights=RIGHTS,
            whole_rights=OF_THE_PROJECT if self.is_look else (),
            named=self._editors() if self.is_look else (),
        )

    def holders(self, permission: Permission) -> Sequence[User]:
        """Return the people who hold *permission* there, by user name."""
        known = self.around.holders.get(permission)
        if known is not None:
            return known
        place = self.release.target.environment
        return list(access.holders_of(permission, place).order_by("username"))

    @cached_property
    def live(self) -> PolicyTerms:
        """The policy of the environment as it is set now."""
        return policy_as_read(self.release.target.environment)

    @cached_property
    def terms(self) -> PolicyTerms:
        """The policy that judges the release now."""
        return quorum.terms_of(self.release, live=self.live)

    @cached_property
    def decisions(self) -> list[ApprovalDecision]:
        """Every vote and rejection there ever was, oldest first."""
        # A draft is asked about of nobody, and nothing becomes a draft again.
        is_draft = self.release.status == Status.DRAFT
        return [] if is_draft else decisions_on(self.release)

    @cached_property
    def progress(self) -> quorum.Progress:
        """Where its approval stands."""
        # Whoever acts holds the project lock: their texts are not read to be counted.
        counts = Counter(row["type"] for row in self.changes) if self.is_look else None
        facts = quorum.facts_of(self.release, terms=self.terms, summary=counts)
        votes = [row for row in self.decisions if stands(row)]
        voters = self.holders(Permission.APPROVE_RELEASE) if votes else ()
        eligible = {person.pk for person in voters}
        return quorum.counted(facts, votes, eligible=eligible, at=self.at)

    @cached_property
    def approvers(self) -> list[people.Approver]:
        """Who holds the vote on it."""
        barred = self.release.barred if self.terms.block_self_approval else {}
        return people.approvers_among(self.holders(Permission.APPROVE_RELEASE), barred)

    @cached_property
    def stale(self) -> Staleness | None:
        """Why it is stale, if it is."""
        if self.is_look:
            return staleness_shown(self.release)
        return staleness_against(self.release, deployed_in(self.release))

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
        """What sets a freeze aside for it now, if anything does.

        Both people must hold the permission still, as voters must.
        """
        row = next((row for row in self.glasses if is_open(row, self.at)), None)
        if row is None:
            return None
        held = {person.pk for person in self.holders(Permission.OVERRIDE_FREEZE)}
        return row if {row.asked_by_id, row.confirmed_by_id} <= held else None

    @cached_property
    def glasses(self) -> list[BreakGlass]:
        """Every break-glass of it, newest first."""
        return glasses_of(self.release)

    @cached_property
    def evidence(self) -> Evidence:
        """What is on record of how it went."""
        return found_or_blank(self.release, written_evidence(self.release))

    @property
    def is_closed(self) -> bool:
        """Whether its evidence was closed: what is on record as failed stays so."""
        return self.evidence.closed_at is not None

    @cached_property
    def attempts(self) -> list[DeployAttempt]:
        """The attempts to deploy it, oldest first."""
        if self.release.status not in SENT:
            return []
        rows = self.release.attempts.select_related("requested_by")
        return list(rows.order_by("number"))

    @cached_property
    def running(self) -> Release | None:
        """Another release that is being deployed to its target."""
        return next((one for one in self.kin if one.status == Status.DEPLOYING), None)

    @cached_property
    def kin(self) -> list[Release]:
        """Others that deploy there now, were made of it, or were undone by it."""
        release = self.release
        near = Q(target=release.target_id, status=Status.DEPLOYING)
        if self.is_look:
            near |= Q(recreated_from=release) | Q(rolled_back_by=release)
        rows = Release.objects.filter(near).exclude(pk=release.pk)
        return list(rows.select_related("project").order_by("-number"))

    @cached_property
    def deployed(self) -> DeployedState | None:
        """What its target runs, where that is this release."""
        found = deployed_in(self.release)
        mine = found is not None and found.release_id == self.release.pk
        return found if mine else None

    def _wanted(self) -> list[Permission]:
        """Return whose holders the release waits for, beside voters and deployers."""
        release = self.release
        wanted = []
        is_ready = release.rendering.state == RenderingState.READY
        if release.status == Status.DRAFT or not is_ready or self.stale is not None:
            wanted.append(Permission.CREATE_RELEASE)
        if self.freeze.is_frozen and self.freeze.until is None:
            wanted.append(Permission.MANAGE_ENVIRONMENT)
        if any(is_open(row, self.at) for row in self.glasses):
            wanted.append(Permission.OVERRIDE_FREEZE)
        return wanted

    def _editors(self) -> set[str]:
        """Return the logins of those who made the changes."""
        return {row["changed_by"] for row in self.changes if row["changed_by"]}


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
