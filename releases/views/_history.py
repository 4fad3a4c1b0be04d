"""Deployments as the pages of history show them: by age, each with its ways on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from environments import access
from environments.permissions import Permission
from gitopshq.core import prose
from gitopshq.core.models import User
from releases.models import DeployedState, Release
from releases.selectors.deployments import approvers_of, attempts_of, running_of
from releases.views._deploys import took

_WEEK: Final = timedelta(days=7)
_LONGEST: Final = 160


def buckets(rows: Sequence[Release], user: User) -> list[dict[str, Any]]:
    """Return deployments by age: today, this week, older; the two newest chosen.

    What is chosen can be compared: ``is_before`` and ``is_after`` name two releases.
    """
    approvers, attempts = approvers_of(rows), attempts_of(rows)
    running = running_of(rows)
    may = access.environments_open_to(user, Permission.CREATE_RELEASE)
    open_here = set(may.values_list("pk", flat=True))
    shown = []
    for at, release in enumerate(rows):
        attempt, runs = attempts.get(release.pk), running.get(release.target_id)
        is_current = runs is not None and runs.release_id == release.pk
        shown.append(
            {
                **_ways(release, is_current=is_current),
                "notes": _shortened(release.notes),
                "approvers": approvers.get(release.pk, []),
                "sync": _sync(runs) if is_current else "",
                "took": took(attempt) if attempt else "",
                "why_not_back": _why_not(release.target.environment_id in open_here),
                "is_after": at == 0,
                "is_before": at == 1,
            }
        )
    return _by_age(shown)


def timeline(
    rows: Sequence[Release], deployed: DeployedState | None, *, may_go_back: bool
) -> list[dict[str, Any]]:
    """Return the deployments of one target by age, each with its ways on."""
    runs = deployed.release_id if deployed else None
    return _by_age(
        [
            {
                **_ways(release, is_current=release.pk == runs),
                "why_not_back": _why_not(may_go_back),
            }
            for release in rows
        ]
    )


def is_untold(buckets: Sequence[dict[str, Any]]) -> bool:
    """Whether something of it runs, and no cluster has told of any of that."""
    rows = [row for bucket in buckets for row in bucket["rows"] if row["is_current"]]
    return bool(rows) and not any(row["sync"] for row in rows)


def _sync(runs: DeployedState | None) -> str:
    return str(runs.sync_state) if runs and runs.is_reported else ""


def _by_age(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    now = timezone.localtime()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(_bucket(row["release"].deployed_at, now), []).append(row)
    return [{"name": name, "rows": rows} for name, rows in found.items()]


def _ways(release: Release, *, is_current: bool) -> dict[str, Any]:
    return {
        "release": release,
        "is_current": is_current,
        "back_url": _back_url(release),
        "compare_url": _compare_url(release),
    }


def _why_not(may_go_back: bool) -> str:  # noqa: FBT001  the one fact that there is
    return "" if may_go_back else "needs releases.create"


def _back_url(release: Release) -> str:
    return reverse("releases:rollback", args=[release.project.slug, release.number])


def _compare_url(release: Release) -> str:
    """Return the comparison of a release with what runs in its target now."""
    sides = f"{release.name}...{release.target}"
    return reverse("releases:comparison", args=[release.project.slug, sides])


def _bucket(at: datetime | None, now: datetime) -> str:
    assert at is not None, "what was deployed says when"
    if timezone.localtime(at).date() == now.date():
        return "Today"
    return "This week" if at > now - _WEEK else "Older"


def _shortened(notes: str) -> str:
    line = prose.to_words(notes)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
