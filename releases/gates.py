"""The guard chain (domain 7): one function, one order, asked by every door.

``evaluate`` says how every gate stands, for the panel and for the record; ``enforce``
raises the first refusal. Both read the same list.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from approvals import errors as approval_errors
from delivery.models import RenderingState
from environments.permissions import Permission
from gitopshq.core.errors import DomainError, InvalidState, NotPermitted
from gitopshq.core.models import User
from releases import errors, people
from releases.check_gates import check_gates
from releases.client_policy import denials
from releases.freeze_gate import freeze_gate
from releases.models import FailureType, Release, Status
from releases.questions import Gate, Moment, Question, Verdict
from releases.refusals import rendering_refusal

__all__ = [
    "CHAIN",
    "Gate",
    "Moment",
    "Question",
    "Verdict",
    "ahead_of",
    "enforce",
    "evaluate",
]


def enforce(question: Question) -> list[Gate]:
    """Return every gate, all green: those of the rendering are so before approval.

    :raises DomainError: the refusal of the first gate in the chain that is not
    """
    green = _of_rendering(question)
    for ask in CHAIN:
        if _is_asked(ask, question):
            gate = ask(question)
            if gate.refusal is not None:
                raise gate.refusal
            green.append(gate)
    return green


def evaluate(question: Question) -> list[Gate]:
    """Return how every gate stands: the rendering, its checks, then the chain."""
    return [*_of_rendering(question), *(gate(question) for gate in CHAIN)]


def ahead_of(release: Release, actor: User) -> Question:
    """Return the question that pressing deploy, or retry after a failure, would ask.

    It is a look: *release* is one of ``finding.visible_release``, read just now.
    """
    failed = release.status == Status.FAILED
    moment = Moment.RETRY if failed else Moment.DEPLOY
    return Question(release, actor, moment, is_look=True)


def _is_asked(gate: Callable[[Question], Gate], question: Question) -> bool:
    # The final transaction holds the lock that a second deploy would need.
    return not (gate is _in_progress and question.moment == Moment.COMMIT)


def _permission(question: Question) -> Gate:
    permission = Permission.DEPLOY_RELEASE
    if question.may(permission):
        who = question.actor.label if question.actor else "the system"
        return _green("permission", "Permission", f"{who} may deploy here")
    refusal = NotPermitted(permission=permission.value)
    return _red("permission", "Permission", refusal)


def _state(question: Question) -> Gate:
    release = question.release
    wanted = {
        Moment.RETRY: Status.FAILED,
        Moment.COMMIT: Status.DEPLOYING,
    }.get(question.moment, Status.APPROVED)
    retryable = question.moment != Moment.RETRY or (
        release.failure_type in FailureType.RETRYABLE and not question.is_closed
    )
    if release.status == wanted and retryable:
        return _green("state", "State", f"{release.get_status_display()}")
    if question.moment == Moment.RETRY:
        return _red(
            "state", "State", InvalidState(noun="release", participle="retried")
        )
    verdict = (
        Verdict.WAIT
        if release.status in (Status.DRAFT, Status.PENDING_APPROVAL)
        else Verdict.FAIL
    )
    return _red("state", "State", errors.NotDeployable(), verdict=verdict)


def _self_deploy(question: Question) -> Gate:
    release, actor = question.release, question.actor
    blocked = question.terms.block_self_deploy
    if actor is not None and blocked and people.are_one(actor, release.author):
        return _red("self_deploy", "Self-deploy", errors.RequesterCannotDeploy())
    said = "the author may not deploy" if blocked else "the author may deploy too"
    return _green("self_deploy", "Self-deploy", said)


def _stale(question: Question) -> Gate:
    release = question.release
    stale = question.stale
    if stale is None:
        sha = release.baseline_source_sha[:10]
        return _green("source", "Source", f"{sha} is current for this target")
    refusal = errors.StaleSource(moved=stale.words, details=stale.to_json())
    return _red("source", "Source", refusal)


def _votes(question: Question) -> Gate:
    facts, tally = question.progress
    details = {"current": tally.current, "required": facts.required}
    if tally.is_met:
        said = (
            f"{tally.current} of {facts.required}" if facts.required else "none needed"
        )
        return _green("approvals", "Approvals", said, next_change=tally.falls_below_at)
    refusal = approval_errors.ThresholdNotMet(
        current=tally.current, required=facts.required, details=details
    )
    return _red(
        "approvals",
        "Approvals",
        refusal,
        verdict=Verdict.WAIT,
        reason=f"{tally.current} of {facts.required}",
    )


def _client_policy(question: Question) -> Gate:
    snapshot = question.release.policy_snapshot
    denied = denials(snapshot)
    if denied:
        refusal = errors.PolicyViolation(
            violations="; ".join(denied), details={"violations": denied}
        )
        return _red("policy_snapshot", "Policy snapshot", refusal)
    said = "sent by the client, denies nothing" if snapshot else "none was sent"
    return _green("policy_snapshot", "Policy snapshot", said)


def _in_progress(question: Question) -> Gate:
    other = question.running
    if other is None:
        return _green("in_progress", "Other deploys", "none is running here")
    return _red(
        "in_progress",
        "Other deploys",
        errors.DeployInProgress(release=other.name),
        verdict=Verdict.WAIT,
    )


def _of_rendering(question: Question) -> list[Gate]:
    return [_rendering(question), *check_gates(question.release.rendering)]


def _rendering(question: Question) -> Gate:
    rendering = question.release.rendering
    refusal = rendering_refusal(rendering)
    if refusal is None:
        return _green(
            "rendering",
            "Rendering",
            f"{rendering.facts.get('resources', 0)} resources",
            details={"tree": rendering.tree},
        )
    pending = rendering.state == RenderingState.PENDING
    verdict = Verdict.WAIT if pending else Verdict.FAIL
    return _red("rendering", "Rendering", refusal, verdict=verdict)


CHAIN: Final[tuple[Callable[[Question], Gate], ...]] = (
    _permission,
    _state,
    _self_deploy,
    freeze_gate,
    _stale,
    _votes,
    _client_policy,
    _in_progress,
)


def _green(
    name: str,
    title: str,
    reason: str,
    *,
    next_change: datetime | None = None,
    details: dict[str, Any] | None = None,
) -> Gate:
    return Gate(name, title, Verdict.PASS, reason, next_change, details or {})


def _red(
    name: str,
    title: str,
    refusal: DomainError,
    *,
    verdict: Verdict = Verdict.FAIL,
    reason: str = "",
    next_change: datetime | None = None,
) -> Gate:
    return Gate(
        name,
        title,
        verdict,
        reason or str(refusal),
        next_change,
        refusal.details,
        refusal,
    )
