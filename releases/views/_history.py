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
from releases.models import Release
from releases.selectors.deployments import approvers_of, attempts_of, running_of
from releases.views._deploys import took

_WEEK: Final = timedelta(days=7)
_LONGEST: Final = 160


def buckets(rows: Sequence[Release], user: User) -> list[dict[str, Any]]:
    """Return deployments by age: today, this week, older."""
    approvers, attempts = approvers_of(rows), attempts_of(rows)
    running = running_of(rows)
    may = access.environments_open_to(user, Permission.CREATE_RELEASE)
    open_here = set(may.values_list("pk", flat=True))
    now = timezone.localtime()
    found: dict[str, list[dict[str, Any]]] = {}
    for release in rows:
        attempt, runs = attempts.get(release.pk), running.get(release.target_id)
        is_current = runs is not None and runs.release_id == release.pk
        may_go_back = release.target.environment_id in open_here
        found.setdefault(_bucket(release.deployed_at, now), []).append(
            {
                "release": release,
                "notes": _shortened(release.notes),
                "approvers": approvers.get(release.pk, []),
                "is_current": is_current,
                "sync": runs.sync_state if is_current and runs else "",
                "took": took(attempt) if attempt else "",
                "why_not_back": "" if may_go_back else "needs releases.create",
                "back_url": _back_url(release),
                "compare_url": _compare_url(release),
            }
        )
    return [{"name": name, "rows": rows} for name, rows in found.items()]


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
