"""Projects: the list with its form, and the matrix."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from environments import access, actions, asking
from environments.views.frame import link, project_tabs
from gitopshq.core.api.lists import page_of
from gitopshq.core.asking import asks
from gitopshq.core.live import live
from gitopshq.core.web import PageRequest
from releases.forms import ProjectForm
from releases.selectors import dashboard, matrix
from releases.selectors.project_home import ProjectHome, project_home
from releases.views import _cells
from releases.views._doors import go, project_crumbs

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.CREATE_PROJECT)
def projects(request: PageRequest) -> HttpResponse:
    """List projects; create one."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.create_project(**form.cleaned_data, actor=request.user)
        messages.success(request, f"{made.name} is there. You are its maintainer.")
        return go(request, made.get_absolute_url())
    rows, cursor = page_of(
        dashboard.projects_of(request.user), request.GET, order=("slug", "pk")
    )
    context = {
        "crumbs": [{"label": "Projects"}],
        "cards": sorted(
            dashboard.project_cards(request.user, rows),
            key=lambda card: card.project.slug,
        ),
        "next": cursor,
        "form": form,
        "may_create": access.may_create_projects(request.user),
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "releases/projects.html", context, status=status)


@require_GET
@login_required
@live
def project(request: PageRequest, project: str) -> HttpResponse:
    """Show tenants by environments."""
    home = project_home(request.user, project)
    show, skew = request.GET.get("show", ""), request.GET.get("skew") == "on"
    tag = request.GET.get("tag", "").strip().lower()[:40]
    found = matrix.matrix_of(
        request.user,
        home,
        show=show,
        tag=tag,
        search=request.GET.get("tenant", "").strip()[:100],
        after=request.GET.get("after", ""),
    )
    context = {
        "crumbs": project_crumbs(home.project),
        "tabs": project_tabs(home.project, "Matrix"),
        "project": home.project,
        "matrix": found,
        "rows": _cells.rows(found, skew=skew),
        "columns": _cells.columns(found),
        "open": _cells.open_releases(found),
        "filters": _cells.filters(request.GET, found),
        "tag": tag,
        "tags": _cells.tags(found, tag),
        "skew": _cells.skew_legend(found) if skew and found.columns else [],
        "show": show if show in matrix.SHOW else "",
        "services": home.services,
        "add_url": _add_url(home, found),
    }
    return render(request, "releases/matrix.html", context)


def _add_url(home: ProjectHome, found: matrix.Matrix) -> str:
    """Return where a tenant is added, or a target by who may add no tenant."""
    if home.is_managed:
        return link("environments:tenants", home.project.slug)
    if any(column.may_manage for column in found.columns):
        return link("environments:targets", home.project.slug)
    return ""
