"""What each step of a deploy did, as lines to read and to take along."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import localtime

from releases.models import AttemptState, DeployAttempt
from releases.views._words import plural


def queue_log(attempt: DeployAttempt) -> str:
    """Return who asked for it, and when a worker took it up."""
    who = attempt.requested_by.label if attempt.requested_by else "the system"
    lines = [_line(attempt.requested_at, f"asked for by {who}")]
    if attempt.steps:
        began = parse_datetime(attempt.steps[0]["startedAt"])
        lines.append(_line(began, f"taken up, run {attempt.runs}"))
    return "\n".join(lines)


def step_log(attempt: DeployAttempt, row: dict[str, Any]) -> str:
    """Return when a step began and ended, and what it made."""
    made = {"render": _rendered, "build": _built}[row["name"]](attempt)
    lines = [_line(parse_datetime(row["startedAt"]), "began"), *made]
    if row["endedAt"]:
        lines.append(_line(parse_datetime(row["endedAt"]), "ended"))
    return "\n".join(lines)


def publishing_log(attempt: DeployAttempt) -> str:
    """Return what the gates said at the commit, and where ``main`` went."""
    lines = [f"gate {gate['title']}: {gate['verdict']}" for gate in attempt.gates]
    if attempt.state == AttemptState.DONE:
        short = attempt.release.commit_sha[:10]
        lines.append(_line(attempt.ended_at, f"main moved to {short}"))
    elif attempt.failure_detail:
        lines.append(_line(attempt.ended_at, attempt.failure_detail))
    return "\n".join(lines)


def _rendered(attempt: DeployAttempt) -> Iterator[str]:
    rendering = attempt.release.rendering
    if rendering.tree:
        count = plural(rendering.facts.get("resources", 0), "resource")
        yield f"tree {rendering.tree[:10]}, {count}"


def _built(attempt: DeployAttempt) -> Iterator[str]:
    for commit in attempt.commits:
        yield f"commit {commit[:10]}"


def _line(at: datetime | None, said: str) -> str:
    return f"{localtime(at):%H:%M:%S} {said}" if at else said
