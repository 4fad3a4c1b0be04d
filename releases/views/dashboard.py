"""The first page: what needs me, my projects, what happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from approvals.models import ApprovalRequest
from approvals.selectors import waiting_for
from environments.views.frame import link
from gitopshq.core.instants import on_the_clock
from gitopshq.core.live import live
from gitopshq.core.models import User
from gitopshq.core.web import PageRequest
from releases.models import Release
from releases.selectors import attention, dashboard
from releases.selectors.activity import activity_of
from releases.selectors.pace import pace_of
from releases.views import _pace
from releases.views._setup import setup
from releases.views._words import freeze_in_short

SHOWN = 30
UNFOLDED = 10
NEEDS = "needs"
"""The id of the part that asks again by itself."""


@require_GET
@login_required
@live
def show(request: PageRequest) -> HttpResponse:
    """Show all of it; to the part that asks again, what needs me alone."""
    user = request.user
    context: dict[str, Any] = {
        "needs": _needs(user),
        "inbox_url": link("approvals:inbox"),
    }
    if request.htmx.target == NEEDS:
        return render(request, "releases/_needs.html", context)
    projects = list(dashboard.projects_of(user).order_by("slug", "pk")[:SHOWN])
    cards = dashboard.project_cards(user, projects)
    context |= {
        "crumbs": [{"label": "Dashboard"}],
        "cards": cards,
        "activity": _activity(cards),
        "pace": _pace_of(cards, every=request.GET.get("stages") == "every"),
        "setup": setup(cards, user),
    }
    return render(request, "releases/dashboard.html", context)


def _needs(user: User) -> list[dict[str, Any]]:
    needs = attention.needs_of(user)
    approvals = waiting_for(user).select_related("requester").order_by("-pk")
    return [
        *map(_failed, needs.failed),
        *map(_stale, needs.stale),
        *map(_asked, approvals[: attention.SHOWN]),
        *map(_deployable, needs.deployable),
    ]


def _activity(cards: Sequence[dashboard.ProjectCard]) -> dict[str, Any]:
    """Return what happened lately: some to see at once, the rest to unfold."""
    found = activity_of([row.environment for card in cards for row in card.rows])
    return {"first": found[:UNFOLDED], "rest": found[UNFOLDED:]}


def _pace_of(
    cards: Sequence[dashboard.ProjectCard], *, every: bool
) -> dict[str, Any] | None:
    """Return the four keys of the last stage of each project, or of *every* stage.

    None before anything was deployed: no numbers are better than noughts.
    """
    if not any(row.running for card in cards for row in card.rows):
        return None
    stages = [card.rows if every else card.rows[-1:] for card in cards]
    pace = pace_of([row.environment for rows in stages for row in rows])
    return {**_pace.context(pace), "every": every}


def _failed(release: Release) -> dict[str, Any]:
    why = release.failure_type.replace("_", " ")
    return _row(release, "failed", f"Deploy failed: {why}", release.failed_at)


def _stale(release: Release) -> dict[str, Any]:
    return _row(release, "stale", "Stale: refresh or recreate it", release.created_at)


def _deployable(found: attention.Deployable) -> dict[str, Any]:
    release, freeze = found.release, found.freeze
    status, said = "approved", "Approved, ready to deploy"
    if found.set_aside_until is not None:
        until = on_the_clock(found.set_aside_until)
        said = f"{said}: the freeze is set aside until {until}"
    elif freeze.is_frozen:
        status, said = "frozen", f"Approved. {freeze_in_short(freeze)}"
    return _row(release, status, said, release.approved_at)


def _asked(request: ApprovalRequest) -> dict[str, Any]:
    facts = request.facts
    return {
        "status": "pending_approval",
        "url": facts.get("url", ""),
        "title": str(request),
        "said": f"Approval wanted by {request.requester.label}",
        "where": f"{request.project} · {facts.get('target', '')}",
        "at": request.created_at,
    }


def _row(
    release: Release, status: str, said: str, at: datetime | None
) -> dict[str, Any]:
    return {
        "status": status,
        "url": release.get_absolute_url(),
        "title": str(release),
        "said": said,
        "where": f"{release.project.slug} · {release.target}",
        "at": at,
    }
