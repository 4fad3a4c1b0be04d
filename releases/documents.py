"""A release as the API shows it, with everything that one reader may know.

``release_document`` is exact; ``release_rows`` serves lists, where staleness is read
from the flags that lists show.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from approvals.tally import CountedVote, Tally
from delivery.git.project import MAIN
from gitopshq.core.models import User
from releases.gates import Question, ahead_of
from releases.glass import glass_document
from releases.models import (
    CANCELLABLE,
    DeployedState,
    Release,
    ReleaseKind,
    RollbackScope,
    Status,
    SyncState,
)
from releases.planning import planning_warnings
from releases.selectors.allowed import AllowedAction, allowed_actions
from releases.selectors.targets import sync_document
from releases.selectors.together import questions_about


def release_document(
    release: Release, *, user: User, by_token: bool = False
) -> dict[str, Any]:
    """Return the whole release, with what *user* could do with it and why not.

    *by_token*: it is a token of theirs that asks.
    """
    question = ahead_of(release, user)
    actions = allowed_actions(user, question, by_token=by_token)
    return _document(question, actions, _undone([release]))


def release_rows(
    releases: Sequence[Release], *, user: User, by_token: bool = False
) -> list[dict[str, Any]]:
    """Return releases as ``release_document`` does, in a bounded number of queries.

    Whether one is stale is what the flags for lists say.
    """
    undone = _undone(releases)
    return [
        _document(question, allowed_actions(user, question, by_token=by_token), undone)
        for question in questions_about(releases, user)
    ]


def _document(
    question: Question,
    actions: Sequence[AllowedAction],
    undone: Mapping[int, list[str]],
) -> dict[str, Any]:
    release, progress = question.release, question.progress
    return {
        **_row(release),
        "rollback": _rollback(release, undone),
        **_staleness(question),
        "change_count": sum(progress.facts.shown["summary"].values()),
        "approvals": _approvals(progress.tally),
        "sync": _sync(question.deployed),
        "planned_window_warnings": planning_warnings(
            release, question.at, calendar=question.calendar
        ),
        "break_glass": [glass_document(row, question.at) for row in question.glasses],
        "allowed_actions": [
            {"action": one.action, "allowed": one.allowed, "reason": one.reason}
            for one in actions
        ],
    }


def _row(release: Release) -> dict[str, Any]:
    return {
        "number": release.number,
        "name": release.name,
        "title": release.title,
        "notes": release.notes,
        "ticket": release.ticket,
        "state": release.status,
        "kind": release.kind,
        "target": {
            "tenant": release.target.tenant.slug,
            "environment": release.target.environment.slug,
        },
        "author": release.author.username,
        "created_at": release.created_at,
        "baseline_source_sha": release.baseline_source_sha,
        "base_release": release.base_release.name if release.base_release else None,
        "digest": release.digest or None,
        "rendering": {
            "state": release.rendering.state,
            "tree": release.rendering.tree or None,
            "errors": release.rendering.errors,
        },
        "policy_snapshot_json": release.policy_snapshot,
        "planned_window": _window(release),
        "rollback_plan": release.rollback_plan,
        "fallback_owner": release.fallback_owner,
        "commit": {"sha": release.commit_sha, "branch": MAIN}
        if release.commit_sha
        else None,
        "failure": {"type": release.failure_type, "detail": release.failure_detail}
        if release.status == Status.FAILED
        else None,
        "cancelled": _cancelled(release),
        "deployed_by": _name(release.deployed_by),
        "deployed_at": release.deployed_at,
        "rolled_back_by": release.rolled_back_by.name
        if release.rolled_back_by
        else None,
    }


def _undone(releases: Sequence[Release]) -> dict[int, list[str]]:
    """Return the names of what each rollback set back, newest first."""
    rollbacks = [one.pk for one in releases if one.kind == ReleaseKind.ROLLBACK]
    found: dict[int, list[str]] = {pk: [] for pk in rollbacks}
    if rollbacks:
        rows = Release.objects.filter(rolled_back_by__in=rollbacks)
        for row in rows.order_by("-number"):
            assert row.rolled_back_by_id is not None
            found[row.rolled_back_by_id].append(row.name)
    return found


def _rollback(
    release: Release, undone: Mapping[int, list[str]]
) -> dict[str, Any] | None:
    if release.rollback_to is None:
        return None
    scope, parts = release.rollback_scope, release.rollback_parts
    return {
        "to": release.rollback_to.name,
        "of": release.base_release.name if release.base_release else None,
        "scope": scope,
        "services": parts if scope == RollbackScope.SERVICE else [],
        "fields": parts if scope == RollbackScope.FIELD else [],
        "rolled_back": undone[release.pk],
    }


def _staleness(question: Question) -> dict[str, Any]:
    is_open = question.release.status in CANCELLABLE
    stale = question.stale if is_open else None
    return {
        "stale": stale is not None,
        "stale_reason": stale.to_json() if stale else None,
    }


def _approvals(tally: Tally) -> dict[str, Any]:
    return {
        "current": tally.current,
        "required": tally.required,
        "votes": [vote_document(vote) for vote in tally.votes],
    }


def vote_document(vote: CountedVote) -> dict[str, Any]:
    """Return one live vote: by whom, and whether and why not it counts."""
    return {
        "approver": vote.decision.approver.username,
        "verdict": vote.decision.verdict,
        "comment": vote.decision.comment,
        "decided_at": vote.decision.decided_at,
        "counts": vote.counts,
        "reason": vote.reason,
        "lapses_at": vote.lapses_at,
        "freeze": vote.decision.freeze,
    }


def _sync(deployed: DeployedState | None) -> dict[str, Any]:
    if deployed is None:
        return {"state": SyncState.NOT_TRACKED, "revision": None, "checked_at": None}
    return sync_document(deployed)


def _window(release: Release) -> dict[str, Any] | None:
    if release.planned_start is None and release.planned_end is None:
        return None
    return {"start": release.planned_start, "end": release.planned_end}


def _cancelled(release: Release) -> dict[str, Any] | None:
    if release.status != Status.CANCELLED:
        return None
    return {
        "kind": release.cancel_kind,
        "reason": release.cancel_reason,
        "by": _name(release.cancelled_by),
        "at": release.cancelled_at,
    }


def _name(person: User | None) -> str | None:
    return person.username if person else None
