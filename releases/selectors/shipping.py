"""When can this ship: the gates of one release, solved, and what people must do.

The arithmetic is in ``releases.earliest``; this puts the rows to it. Whoever reads may
not be who deploys: the answer is the same for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from releases.earliest import Calendar, Clockwork, Opening, Quorum, Start, earliest
from releases.gates import Gate, Question, Verdict, evaluate
from releases.models import CANCELLABLE, FailureType, Release, Status
from releases.selectors.waiting import Able, Wait

_OF_THE_READER: Final = frozenset({"permission", "self_deploy"})
_RULES: Final = {
    "rendering": "what is committed is rendered, and free of errors",
    "schemas": "every resource of a known kind is valid for the target's Kubernetes",
    "api_versions": "no resource is of an API version that this Kubernetes has not",
    "namespaces": "no resource lands in the namespace of another target",
    "duplicates": "no resource is rendered twice",
    "placeholders": "every placeholder has a value, and none is left over",
    "state": "it is approved, or failed in a way that can be retried",
    "freeze": "neither a freeze nor a freeze window is on",
    "source": "nothing it was cut from has moved, and nothing overtook it",
    "approvals": "enough live votes of eligible people are bound to its digest",
    "policy_snapshot": "the policy result sent by the client denies nothing",
    "in_progress": "no other release is being deployed here",
    "deployers": "somebody may deploy it here",
    "planned_window": "the system deploys no earlier than the planned start",
}
_CLOCKED: Final = frozenset({"freeze", "approvals", "planned_window"})


@dataclass(frozen=True, slots=True)
class Shipping:
    """When a release can ship if nobody does anything more, and what they must do.

    ``with_people`` is when it could, had they done all of it; None: never.
    """

    asked_at: datetime
    opening: Opening
    with_people: datetime | None
    gates: Sequence[Gate]
    waits: Sequence[Wait]
    deploys_itself: bool
    deployers: Sequence[str]
    planned: tuple[datetime | None, datetime | None]
    is_over: bool = field(default=False)

    @property
    def is_now(self) -> bool:
        return self.opening.at == self.asked_at

    @property
    def document(self) -> dict[str, Any]:
        """The answer by Python names, for the API."""
        start, end = self.planned
        return {
            "at": self.opening.at,
            "now": self.is_now,
            "until": self.opening.until,
            "ended_by": self.opening.ended_by or None,
            "at_with_people": self.with_people,
            "deploys_itself": self.deploys_itself,
            "deployers": list(self.deployers),
            "planned_window": {"start": start, "end": end} if start or end else None,
            "gates": [_gate_document(gate) for gate in self.gates],
            "waits_for": [
                {
                    "gate": one.gate,
                    "action": one.action,
                    "detail": one.said,
                    "count": one.count,
                    "who": list(one.who),
                }
                for one in self.waits
            ],
        }


def shipping_of(
    question: Question, *, evaluated: Sequence[Gate] | None = None
) -> Shipping:
    """Return when the release of *question* can ship.

    *evaluated* are its gates where the caller has them.
    """
    found = evaluate(question) if evaluated is None else evaluated
    able = Able(question)
    gates = [gate for gate in found if gate.name not in _OF_THE_READER]
    gates += [able.deployers_gate(), *_planned_gate(able)]
    clock = _clock_of(able)
    is_over = _is_over(question.release)
    people_needed = [
        gate.name
        for gate in gates
        if gate.verdict != Verdict.PASS and gate.name not in _CLOCKED
    ]
    opening = earliest(clock, question.at)
    if people_needed:
        opening = Opening(None, blocked_by=(*people_needed, *opening.blocked_by))
    del clock["approvals"]
    alone = earliest(clock, question.at)
    if "freeze" in alone.blocked_by:
        del clock["freeze"]
    start, end = question.release.planned_start, question.release.planned_end
    return Shipping(
        asked_at=question.at,
        opening=opening,
        with_people=None if is_over else earliest(clock, question.at).at,
        gates=gates,
        waits=() if is_over else tuple(able.waits(gates, opening, alone)),
        deploys_itself=able.deploys_itself,
        deployers=able.deployers,
        planned=(start, end),
        is_over=is_over,
    )


def _is_over(release: Release) -> bool:
    """Say whether this release will never pass the gates again, whoever does what."""
    if release.status == Status.FAILED:
        return release.failure_type not in FailureType.RETRYABLE
    return release.status not in CANCELLABLE


def _clock_of(able: Able) -> dict[str, Clockwork]:
    """Return the gates that the clock moves."""
    question = able.question
    glass = question.glass
    toggle, windows = question.calendar
    facts, tally = question.progress
    lapses = [vote.lapses_at for vote in tally.votes if vote.counts]
    clock: dict[str, Clockwork] = {
        "freeze": Calendar(toggle, windows, glass.expires_at if glass else None),
        "approvals": Quorum(facts.required, lapses),
    }
    start = question.release.planned_start
    if start is not None and able.deploys_itself:
        clock["planned_window"] = Start(start)
    return clock


def _planned_gate(able: Able) -> list[Gate]:
    """Return the planned start as a gate where it is one: before an auto deploy."""
    start = able.release.planned_start
    if start is None or not able.deploys_itself:
        return []
    waits = able.question.at < start
    verdict = Verdict.WAIT if waits else Verdict.PASS
    said = "waits for the planned start" if waits else "the planned start has come"
    changes_at = start if waits else None
    return [Gate("planned_window", "Planned window", verdict, said, changes_at)]


def _gate_document(gate: Gate) -> dict[str, Any]:
    return {
        "name": gate.name,
        "title": gate.title,
        "rule": _RULES[gate.name],
        "state": gate.verdict.value,
        "reason": gate.reason,
        "evidence": gate.details,
        "next_change": gate.next_change,
        "code": gate.refusal.code if gate.refusal else None,
    }
