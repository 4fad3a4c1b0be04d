"""What a rollback ships: the State it goes back to, cut against what is deployed.

It draws nothing from the pool and claims nothing (domain 9). How the State is found is
in ``environments.desired.reverting``; what its deploy leaves behind is in ``undoing``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Q, QuerySet

from delivery.rendering_requests import request_rendering
from environments import capture
from environments.desired.changes import diff
from environments.desired.reverting import (
    Conflicts,
    Field,
    UnknownPart,
    revert_all,
    revert_fields,
    revert_services,
)
from environments.desired.state import State
from gitopshq.core.errors import FieldError, InvalidState, ValidationError
from gitopshq.core.models import User
from releases import errors
from releases.cutting import Cut, frozen_fields, save_snapshot
from releases.models import DeployedState, Release, RollbackScope, Status
from releases.pending import PendingChange, deployed_state_of

ANCHORS = (Status.DEPLOYED, Status.ROLLED_BACK)
"""States of a release that one may go back to."""


@dataclass(frozen=True)
class Reversal:
    """What goes back: all of it, some services, or some fields."""

    scope: RollbackScope
    services: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @classmethod
    def of(cls, release: Release) -> Self:
        """Return what the rollback *release* was made for."""
        scope = RollbackScope(release.rollback_scope)
        parts = release.rollback_parts
        if scope == RollbackScope.SERVICE:
            return cls(scope, services=tuple(parts))
        return cls(scope, fields=tuple(Field(**part) for part in parts))

    @property
    def parts(self) -> list[Any]:
        """The services or fields as they are kept and shown."""
        return [*self.services] or [vars(field) for field in self.fields]

    @property
    def words(self) -> str:
        """What goes back, as a title says it."""
        if self.scope == RollbackScope.SERVICE:
            return " ".join(["", ", ".join(self.services)])
        if self.scope == RollbackScope.FIELD:
            return f" {len(self.fields)} field{'' if len(self.fields) == 1 else 's'}"
        return ""

    def check(self) -> None:
        """Refuse parts that do not go with the scope.

        :raises ValidationError: with the pointer of what is missing or too much
        """
        named = {"services": self.services, "fields": self.fields}
        wanted = {RollbackScope.SERVICE: "services", RollbackScope.FIELD: "fields"}
        for name, parts in named.items():
            if name == wanted.get(self.scope) and not parts:
                raise ValidationError.of(f"/{name}", f"name {name} to roll back")
            if name != wanted.get(self.scope) and parts:
                said = f"goes with another scope than {self.scope}"
                raise ValidationError.of(f"/{name}", said)


@dataclass(frozen=True)
class Plan:
    """The State that a rollback ships, beside what is deployed now."""

    deployed: DeployedState
    base: State
    to: State
    state: State
    texts: capture.DatabaseTexts

    @property
    def rows(self) -> tuple[PendingChange, ...]:
        """What changes, in reading order; of no pool, so that nobody claims it."""
        changes = diff(self.base, self.state, self.texts)
        return tuple(PendingChange(change) for change in changes)


def refuse_other_states(to: Release) -> None:
    """Refuse to go back to what was never deployed.

    :raises InvalidState: unless *to* was deployed
    """
    if to.status not in ANCHORS:
        raise InvalidState(noun="release", participle="rolled back to")


def plan_rollback(to: Release, reversal: Reversal) -> Plan:
    """Return what going back to the release *to* would ship now.

    :raises InvalidState: unless *to* was deployed
    :raises ValidationError: for a service, file or path that is not there
    :raises InseparableChanges: with every conflict with what came later
    :raises NoChanges: when that is what is deployed
    """
    refuse_other_states(to)
    reversal.check()
    deployed = deployed_state_of(to.target)
    assert deployed is not None, "a release was deployed here"
    base, then = (
        State.from_json(snapshot.document)
        for snapshot in (deployed.snapshot, to.snapshot)
    )
    texts = capture.DatabaseTexts()
    texts.prefetch(base.text_digests ^ then.text_digests)
    try:
        state = _state(to, base, then, reversal, texts)
    except UnknownPart as refusal:
        raise ValidationError.of(_pointer(refusal), refusal.reason) from refusal
    except Conflicts as refusal:
        raise _refused(refusal, reversal) from refusal
    if state == base:
        raise errors.NoChanges
    return Plan(deployed, base, then, state, texts)


def cut_rollback(to: Release, reversal: Reversal, *, authors: Collection[User]) -> Cut:
    """Freeze what going back to *to* ships; needs the project lock.

    :raises DomainError: every refusal of ``plan_rollback``
    """
    target = to.target
    plan = plan_rollback(to, reversal)
    rows = plan.rows
    fields = frozen_fields(
        target,
        [row.change for row in rows],
        deployed=plan.deployed,
        now=capture.state_of(target),
        authors=authors,
    )
    return Cut(
        rows,
        save_snapshot(target, plan.state),
        request_rendering(target.project, plan.state),
        {**fields, "takes_all": False},
    )


def deployed_after(to: Release) -> list[Release]:
    """Return the releases that were deployed into its target after *to*, in order."""
    rows = Release.objects.filter(
        target=to.target, status__in=ANCHORS, deployed_at__gte=to.deployed_at
    )
    return list(
        rows.exclude(pk=to.pk)
        .select_related("snapshot", "project")
        .order_by("deployed_at", "number")
    )


def newer_than(to: Release) -> QuerySet[Release]:
    """Return what a full rollback to *to* sets back: what was deployed after it."""
    is_newer = Q(deployed_at__gt=to.deployed_at) | Q(
        deployed_at=to.deployed_at, number__gt=to.number
    )
    return Release.objects.filter(is_newer, target=to.target, status=Status.DEPLOYED)


def _state(
    to: Release,
    base: State,
    then: State,
    reversal: Reversal,
    texts: capture.DatabaseTexts,
) -> State:
    if reversal.scope == RollbackScope.FULL:
        return revert_all(base, then)
    if reversal.scope == RollbackScope.SERVICE:
        return revert_services(base, then, reversal.services)
    since = [
        State.from_json(release.snapshot.document) for release in deployed_after(to)
    ]
    return revert_fields(base, then, since, reversal.fields, texts)


def _pointer(refusal: UnknownPart) -> str:
    if refusal.kind == "services":
        return f"/services/{refusal.index}"
    return f"/fields/{refusal.index}/{refusal.kind}"


def _refused(refusal: Conflicts, reversal: Reversal) -> errors.InseparableChanges:
    """Name every place that stands in the way."""
    named = "services" if reversal.scope == RollbackScope.SERVICE else "fields"
    return errors.InseparableChanges(
        reason=str(refusal),
        details={"conflicts": [vars(conflict) for conflict in refusal.conflicts]},
        errors=[
            FieldError(
                f"/{named}",
                "conflict",
                f"{conflict.path or 'all of it'}: {conflict.reason}",
                file=conflict.file,
            )
            for conflict in refusal.conflicts
        ],
    )
