"""What the system knows of a release, as JSON values: votes, gates, freezes, commit."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from approvals.events import ApprovalEvent
from approvals.models import ApprovalDecision, ApprovalRequest, Verdict
from approvals.subjects import request_for
from delivery.git.project import MAIN
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import AuditEntry, User
from gitopshq.core.naming import camel
from releases.models import BreakGlass, DeployAttempt, DeployedState, Release, Status
from releases.questions import Question

SYSTEM = "system"
_SHOWN_OF_CHANGE = (
    *("id", "revision", "type", "object", "action", "summary"),
    *("changed_by", "changed_at"),
)


def approval_of(question: Question) -> dict[str, Any]:
    """Return who agreed, what that took, and every vote there ever was (S127, S129).

    Votes of a release that was approved are told as they counted then: who has left
    since, or whose vote would have lapsed, stays on record.
    """
    release = question.release
    request = None if release.status == Status.DRAFT else request_for(release)
    if request is None:
        return {"required": 0, "approvers": [], "votes": []}
    granted = _granted(request) if release.approved_at else None
    if granted is not None:
        required, approvers = granted.data["required"], granted.data["votes"]
    else:
        tally = question.progress.tally
        required = tally.required
        approvers = [v.decision.approver.username for v in tally.votes if v.counts]
    return {
        "required": required,
        "approvers": list(approvers),
        "votes": [
            _vote(row, approvers)
            for row in sorted(question.decisions, key=lambda row: row.pk)
        ],
    }


def executor_of(question: Question) -> str | None:
    """Return who sent it off last; the system, where the environment does; or None."""
    attempts = question.attempts
    return (_name(attempts[-1].requested_by) or SYSTEM) if attempts else None


def facts_of(question: Question, approval: dict[str, Any]) -> dict[str, Any]:
    """Return the facts beside the ten fields. Times are RFC 3339, digests hex."""
    release = question.release
    target = release.target
    rendering = release.rendering
    return {
        "release": release.name,
        "kind": release.kind,
        "state": release.status,
        "project": release.project.slug,
        "tenant": target.tenant.slug,
        "environment": target.environment.slug,
        "ticket": release.ticket,
        "createdAt": _at(release.created_at),
        "approvedAt": _at(release.approved_at),
        "deployedAt": _at(release.deployed_at),
        "releaseDigest": release.digest or None,
        "tree": rendering.tree or None,
        "commit": {"sha": release.commit_sha, "branch": MAIN}
        if release.commit_sha
        else None,
        "baselineSourceSha": release.baseline_source_sha,
        "baseRelease": release.base_release.name if release.base_release else None,
        "rolledBackBy": release.rolled_back_by.name if release.rolled_back_by else None,
        "failure": _failure(release),
        "cancelled": _cancelled(release),
        "changes": [
            {camel(name): row.get(name) for name in _SHOWN_OF_CHANGE}
            for row in question.changes
        ],
        "approval": {
            "required": approval["required"],
            "votes": approval["votes"],
            "policyAtCut": release.policy_at_cut,
        },
        "attempts": [_attempt(row) for row in question.attempts],
        "freezeAtCut": release.frozen_at_cut,
        "breakGlass": [_glass(row) for row in reversed(question.glasses)],
        "policySnapshotJson": release.policy_snapshot,
        "sync": _sync(question.deployed),
        "fallbackOwner": release.fallback_owner,
        "plannedWindow": {
            "start": _at(release.planned_start),
            "end": _at(release.planned_end),
        },
    }


def people_named(names: Collection[str]) -> dict[str, str]:
    """Return how each login is called."""
    return {
        person.username: person.label
        for person in User.objects.filter(username__in=set(names))
    }


def _granted(request: ApprovalRequest) -> AuditEntry | None:
    """Return the entry that says with which votes the quorum was reached last."""
    rows = AuditEntry.objects.filter(
        object_type="approvals.approvalrequest",
        object_id=str(request.pk),
        event=ApprovalEvent.GRANTED,
    )
    return rows.order_by("pk").last()


def _vote(row: ApprovalDecision, approvers: Collection[str]) -> dict[str, Any]:
    name = row.approver.username
    stands = row.withdrawn_at is None and row.voided_at is None
    return {
        "approver": name,
        "verdict": row.verdict,
        "digest": row.digest,
        "comment": row.comment,
        "decidedAt": _at(row.decided_at),
        "withdrawnAt": _at(row.withdrawn_at),
        "voidedAt": _at(row.voided_at),
        "voidReason": row.void_reason,
        "freeze": row.freeze,
        "counted": stands and row.verdict == Verdict.APPROVE and name in approvers,
    }


def _attempt(row: DeployAttempt) -> dict[str, Any]:
    return {
        "number": row.number,
        "state": row.state,
        "requestedBy": _name(row.requested_by) or SYSTEM,
        "requestedAt": _at(row.requested_at),
        "endedAt": _at(row.ended_at),
        "gates": row.gates,
        "failureType": row.failure_type,
        "failureDetail": row.failure_detail,
    }


def _glass(row: BreakGlass) -> dict[str, Any]:
    return {
        "reason": row.reason,
        "askedBy": _name(row.asked_by),
        "askedAt": _at(row.asked_at),
        "confirmedBy": _name(row.confirmed_by),
        "confirmedAt": _at(row.confirmed_at),
        "expiresAt": _at(row.expires_at),
    }


def _failure(release: Release) -> dict[str, Any] | None:
    if release.status != Status.FAILED:
        return None
    return {
        "type": release.failure_type,
        "detail": release.failure_detail,
        "at": _at(release.failed_at),
    }


def _cancelled(release: Release) -> dict[str, Any] | None:
    if release.status != Status.CANCELLED:
        return None
    return {
        "kind": release.cancel_kind,
        "reason": release.cancel_reason,
        "by": _name(release.cancelled_by),
        "at": _at(release.cancelled_at),
    }


def _sync(row: DeployedState | None) -> dict[str, Any] | None:
    """Return what clusters say while it is what runs there, else None (S117)."""
    if row is None:
        return None
    return {
        "state": row.sync_state,
        "revision": row.sync_revision,
        "checkedAt": _at(row.sync_checked_at),
    }


def _at(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None


def _name(person: User | None) -> str | None:
    return person.username if person else None
