"""The way to the first release, as a list of steps with live ticks."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from environments import access
from environments.views.frame import link
from gitopshq.core.models import User
from releases.selectors.dashboard import ProjectCard
from releases.selectors.setup import Progress


def setup(cards: Sequence[ProjectCard], user: User) -> dict[str, Any] | None:
    """Return the list for *user* who is new here; None once something was deployed.

    Whoever sees several projects is not new.
    """
    progress = Progress(user, cards)
    if progress.is_over:
        return None
    steps = _steps(progress, may_create=access.may_create_projects(user))
    waiting = [step for step in steps if not step["done"]]
    for step in waiting:
        step["state"] = "next"
    if waiting:
        waiting[0]["state"] = "now"
    return {
        "steps": steps,
        "done": len(steps) - len(waiting),
        "demo_url": link("load_demo") if progress.may_load_demo else "",
    }


def _steps(progress: Progress, *, may_create: bool) -> list[dict[str, Any]]:
    project = progress.project
    home = project.get_absolute_url() if project else ""

    def at(name: str) -> str:
        return link(name, project.slug) if project else ""

    return [
        _step(
            "Create a project",
            "A project holds tenants, environments and one Git repository."
            if may_create or project
            else "Ask a maintainer for a role in theirs, or an operator for the right "
            "to create one.",
            done=project is not None,
            url=f"{reverse('releases:projects')}#create" if may_create else "",
            action="Create a project",
        ),
        _step(
            "Add environments and tenants",
            "For example dev, staging, prod. Each environment has its own policy.",
            done=progress.has_targets,
            url=at("environments:environments"),
            action="Add them",
        ),
        _step(
            "Bind a workload",
            "Upload a Helm chart, define a workload on it, put it into a target.",
            done=progress.has_workloads,
            url=at("environments:workloads"),
            action="Define a workload",
        ),
        _step(
            "Connect Argo CD or Flux",
            "They read the project's Git repository. This is ticked when one did.",
            done=progress.is_followed,
            url=at("releases:repository_connect"),
            action="Connect",
        ),
        _step(
            "Invite an approver",
            "Give somebody else the role approver: who writes a change does not "
            "approve it.",
            done=progress.has_approver,
            url=at("environments:members"),
            action="Add a member",
        ),
        _step(
            "Create the first release",
            "Pick changes, look at the three diffs, have it approved and deploy it.",
            done=progress.has_release,
            url=home if progress.has_targets else "",
            action="Open the project",
        ),
    ]


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
