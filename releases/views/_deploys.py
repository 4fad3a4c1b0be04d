"""What a worker did with a release, and where the release is in Git."""

from datetime import timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils.dateparse import parse_datetime

from environments.permissions import Permission
from gitopshq.core.wording import lasting
from releases.models import AttemptState, DeployAttempt, Release
from releases.selectors import queue
from releases.selectors.release_page import ReleasePage
from releases.views._deploy_log import publishing_log, queue_log, step_log
from releases.views._words import plural

_STEP_NAMES: Final = (("render", "Render"), ("build", "Commit"))
_SHORT: Final = timedelta(seconds=10)
"""What takes less tells hundredths of a second: steps are compared by them."""


def last_attempt(release: Release) -> DeployAttempt | None:
    """Return the attempt to deploy that runs, or was the last to."""
    return release.attempts.order_by("number").last()


def progress(release: Release, attempt: DeployAttempt | None) -> dict[str, Any]:
    """Return what the worker has done so far, for the part that looks again."""
    return {
        "release": release,
        "attempt": attempt,
        "is_in_motion": release.is_in_motion,
        "late": _late(release, attempt),
        "steps": _steps(attempt) if attempt else [],
        "took": took(attempt) if attempt else "",
        "progress_url": reverse(
            "releases:progress", args=[release.project.slug, release.number]
        ),
    }


def _late(release: Release, attempt: DeployAttempt | None) -> str:
    """Return that no worker has taken the job up, once that is unusual."""
    if attempt is None:
        wait, noun = queue.late_rendering(release.rendering), "rendering"
    else:
        wait, noun = queue.late_attempt(attempt), "deploy"
    if wait is None:
        return ""
    state = f"{plural(wait.ahead, noun)} before it, {wait.running} in hand"
    return f"No worker has picked this up for {wait.seconds} s: {state}."


def commit_of(page: ReleasePage) -> dict[str, Any] | None:
    """Return where the release is in Git; who may not read all of it gets no link."""
    release = page.release
    if not release.commit_sha:
        return None
    project, rights = release.project.slug, page.question.around.whole_rights
    path = f"{release.target.tenant.slug}/{release.target.environment.slug}"
    return {
        "sha": release.commit_sha,
        "short": release.commit_sha[:10],
        "tree": release.rendering.tree,
        "proof": f"git rev-parse {release.commit_sha[:10]}:{path}",
        "folder": path,
        "url": reverse("releases:repository_commit", args=[project, release.commit_sha])
        if Permission.VIEW_RELEASE in rights
        else "",
    }


def _steps(attempt: DeployAttempt) -> list[dict[str, Any]]:
    by_name = {step["name"]: step for step in attempt.steps}
    waiting = attempt.state == AttemptState.WAITING
    found = [
        {
            "name": "Queue",
            "step": "now" if waiting else "done",
            "what": "waiting for a worker" if waiting else "",
            "log": queue_log(attempt),
        }
    ]
    for name, label in _STEP_NAMES:
        row = by_name.get(name)
        found.append({"name": label, **_step(row, attempt)})
    return [*found, _publishing(attempt, is_built=found[-1]["step"] == "done")]


def _publishing(attempt: DeployAttempt, *, is_built: bool) -> dict[str, Any]:
    """Return the last step: the gates once more, and the move of ``main``."""
    step, what = "next", "gates again, then main moves"
    if attempt.state == AttemptState.DONE:
        step, what = "done", "main moved"
    elif is_built:
        failed = attempt.state == AttemptState.FAILED
        step, what = ("failed", attempt.failure_detail) if failed else ("now", what)
    log = publishing_log(attempt) if step in {"done", "failed"} else ""
    return {"name": "Publish", "step": step, "what": what, "log": log}


def _step(row: dict[str, Any] | None, attempt: DeployAttempt) -> dict[str, Any]:
    if row is None:
        return {"step": "next"}
    if row["endedAt"] is None:
        failed = attempt.state == AttemptState.FAILED
        log = f"{step_log(attempt, row)}\n{attempt.failure_detail}".rstrip()
        return {"step": "failed" if failed else "now", "log": log}
    spent = _between(row["startedAt"], row["endedAt"])
    return {"step": "done", "took": spent, "log": step_log(attempt, row)}


def took(attempt: DeployAttempt) -> str:
    """Return how long an attempt took, waiting included; "" until it has ended."""
    if attempt.ended_at is None:
        return ""
    return lasting(attempt.ended_at - attempt.requested_at)


def _between(start: str, end: str) -> str:
    began, ended = parse_datetime(start), parse_datetime(end)
    if began is None or ended is None:
        return ""
    span = ended - began
    return f"{span.total_seconds():.2f} s" if span < _SHORT else lasting(span)
