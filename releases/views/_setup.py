"""The way to the first release, as a list of steps with live ticks."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from environments import access
from environments.views.frame import link
from gitopshq.core.models import User
from releases.selectors.dashboard import ProjectCard


def setup_steps(cards: Sequence[ProjectCard], user: User) -> list[dict[str, Any]]:
    """Return the steps for *user* who is new here; none once something was deployed.

    Whoever sees several projects is not new.
    """
    if len(cards) > 1 or any(row.running for card in cards for row in card.rows):
        return []
    may_create = access.may_create_projects(user)
    project = cards[0].project if cards else None
    has_targets = any(row.targets for card in cards for row in card.rows)
    home = project.get_absolute_url() if project else ""
    slug = project.slug if project else ""
    has_environments = any(card.rows for card in cards)
    steps = [
        _step(
            "Create a project",
            "A project holds tenants, environments and one Git repository."
            if may_create or project
            else "Ask a maintainer for a role in theirs, or an operator for the right "
            "to create one.",
            done=project is not None,
            url=reverse("releases:projects") if may_create else "",
            action="Create a project",
        ),
        _step(
            "Add environments and tenants",
            "For example dev, staging, prod. Each environment has its own policy.",
            done=has_environments and has_targets,
            url=link("environments:tenants", slug) if project else "",
            action="Add them",
        ),
        _step(
            "Define a workload on a chart",
            "Upload a Helm chart, then put the workload into a target.",
            done=any(card.pending for card in cards) and has_targets,
            url=link("environments:workloads", slug) if project else "",
            action="Define a workload",
        ),
        _step(
            "Create the first release",
            "Pick changes, look at the three diffs, have it approved and deploy it.",
            done=False,
            url=home if has_targets else "",
            action="Open the project",
        ),
    ]
    waiting = [step for step in steps if not step["done"]]
    for step in waiting:
        step["state"] = "next"
    waiting[0]["state"] = "now"
    return steps


def _step(
    title: str, text: str, *, done: bool, url: str, action: str
) -> dict[str, Any]:
    return {
        "title": title,
        "text": text,
        "done": done,
        "state": "done",
        "url": url,
        "action": action,
    }
