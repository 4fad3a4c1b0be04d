"""What every page of a project shows around its content: crumbs and tabs."""

from typing import Any, Final

from django.urls import NoReverseMatch, reverse

from environments.models import Project
from environments.selectors.home import Home

Crumb = dict[str, str]

NEEDS: Final = "Needs the permission {}"
"""Why a button is disabled for want of a permission."""

PENDING: Final = "Saving makes a pending change. Nothing goes live without a release."


def frame(home: Home, current: str, *crumbs: Crumb) -> dict[str, Any]:
    """Return the context that every page of the project needs.

    :param current: the label of the tab the page belongs to
    :param crumbs: what follows the project, the last being the page itself
    """
    project = home.project
    projects = link("releases:projects")
    return {
        "home": home,
        "project": project,
        "crumbs": [
            *([crumb("Projects", projects)] if projects else []),
            crumb(project.slug, project.get_absolute_url()),
            *crumbs,
        ],
        "tabs": project_tabs(project, current),
        "pending_note": PENDING,
    }


def crumb(label: str, url: str = "") -> Crumb:
    """Return one step of the way to a page."""
    return {"label": label, "url": url}


def project_tabs(project: Project, current: str) -> list[dict[str, Any]]:
    """Return the sibling pages of a project; those that do not exist are left out."""
    links = {
        "Matrix": link("releases:project", project.slug),
        "Releases": link("releases:releases", project.slug),
        "History": link("releases:project_history", project.slug),
        "Workloads": link("environments:workloads", project.slug),
        "Variables": link("environments:variables", project.slug),
        "Charts": link("environments:charts"),
        "Repository": link("releases:repository", project.slug),
        "Settings": link("environments:project_settings", project.slug),
    }
    return [
        {"label": label, "url": url, "current": label == current}
        for label, url in links.items()
        if url
    ]


def link(name: str, *args: object, query: str = "") -> str:
    """Return the address of a page, nothing where no app offers it."""
    try:
        found = reverse(name, args=args)
    except NoReverseMatch:
        return ""
    return f"{found}?{query}" if query else found
