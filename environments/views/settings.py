"""Settings of a project: name, description, secrets in Git, and the archive."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from environments import actions, asking
from environments.forms.projects import ProjectForm
from environments.models import Project
from environments.permissions import Permission
from environments.saving import version_of
from environments.selectors.home import Home
from environments.views.frame import NEEDS, crumb, frame
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_PROJECT
PAGES = {
    "General": "environments:project_settings",
    "Members": "environments:members",
    "Tenants": "environments:tenants",
    "Environments": "environments:environments",
    "Targets": "environments:targets",
}


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.CHANGE_PROJECT)
def project_settings(request: PageRequest, project: str) -> HttpResponse:
    """Show the project itself; POST changes it."""
    home = Home(request.user, project)
    facts = _facts(home.project)
    form = ProjectForm(initial={**facts, "version": version_of(facts)})
    if request.method == "POST":
        form = ProjectForm(request.POST)
        if form.saves(
            home.project,
            now=lambda: version_of(_facts(Home(request.user, project).project)),
            step=lambda: actions.update_project(
                home.project,
                actor=request.user,
                **{name: form.cleaned_data[name] for name in facts},
            ),
        ):
            messages.success(request, "Saved.")
            return redirect(request.path)
    context = {
        **settings_frame(home, "General"),
        "form": form,
        "saved": _facts(Home(request.user, project).project) if form.is_moved else {},
        "may_manage": home.may(MANAGE),
        "why_not": NEEDS.format(MANAGE.value),
    }
    return show(request, "environments/settings.html", context, form)


@require_POST
@login_required
@asks(asking.CHANGE_PROJECT)
def archive_project(request: PageRequest, project: str) -> HttpResponse:
    """Put the project away."""
    home = Home(request.user, project)
    actions.archive(home.project, actor=request.user)
    messages.success(request, "Archived: it takes no more edits and no releases.")
    return redirect("environments:project_settings", project)


@require_POST
@login_required
@asks(asking.CHANGE_PROJECT)
def restore_project(request: PageRequest, project: str) -> HttpResponse:
    """Take the project back from the archive."""
    home = Home(request.user, project)
    actions.restore(home.project, actor=request.user)
    messages.success(request, "Restored.")
    return redirect("environments:project_settings", project)


def settings_frame(home: Home, current: str) -> dict[str, Any]:
    """Return what every settings page shows around its content."""
    return {
        **frame(home, "Settings", crumb("Settings")),
        "pages": settings_pages(home, current),
    }


def settings_pages(home: Home, current: str) -> list[dict[str, Any]]:
    """Return links to the pages of the settings, the policies among them."""
    slug = home.project.slug
    urls = {label: reverse(name, args=[slug]) for label, name in PAGES.items()}
    if home.environments:
        first = home.environments[0].slug
        urls["Policies"] = reverse("environments:policy", args=[slug, first])
    return [
        {"label": label, "url": url, "current": label == current}
        for label, url in urls.items()
    ]


def _facts(project: Project) -> dict[str, str]:
    return {
        "name": project.name,
        "description": project.description,
        "secrets_in_git": str(project.secrets_in_git),
    }
