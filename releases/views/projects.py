"""Projects: the list with its form, the matrix, and what a project is made of."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from environments import access, actions
from environments.models import Environment, Project, Tenant, Workload
from environments.permissions import Permission
from environments.selectors import visible_project
from gitopshq.core.api.lists import page_of
from gitopshq.core.web import PageRequest
from releases.forms import EnvironmentForm, ProjectForm, TargetForm, TenantForm
from releases.selectors import dashboard, matrix
from releases.views import _cells
from releases.views._doors import go, project_crumbs, project_tabs

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@login_required
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
def project(request: PageRequest, project: str) -> HttpResponse:
    """Show tenants by environments."""
    home, may_manage = matrix.visible_home(request.user, project)
    show = request.GET.get("show", "")
    found = matrix.matrix_of(
        request.user,
        home,
        show=show,
        search=request.GET.get("tenant", "").strip()[:100],
        after=request.GET.get("after", ""),
    )
    context = {
        "crumbs": project_crumbs(home),
        "tabs": project_tabs(home, "Matrix"),
        "project": home,
        "matrix": found,
        "rows": _cells.rows(found),
        "columns": _cells.columns(found),
        "open": _cells.open_releases(found),
        "filters": _cells.filters(request.GET, found.counts),
        "show": show if show in matrix.SHOW else "",
        "services": Workload.objects.filter(project=home, archived_at=None).count(),
        "add_url": reverse("releases:add", args=[project])
        if may_manage or any(column.may_manage for column in found.columns)
        else "",
    }
    return render(request, "releases/matrix.html", context)


@require_GET
@login_required
def add(request: PageRequest, project: str) -> HttpResponse:
    """Show the forms for a tenant, an environment and a target."""
    return _add_page(request, visible_project(request.user, project))


@require_POST
@login_required
def add_tenant(request: PageRequest, project: str) -> HttpResponse:
    home = visible_project(request.user, project)
    form = TenantForm(request.POST, prefix="tenant")
    if not form.is_valid():
        return _add_page(request, home, tenant_form=form)
    made = actions.create_tenant(home, **form.cleaned_data, actor=request.user)
    messages.success(request, f"Tenant {made.slug} added.")
    return go(request, reverse("releases:add", args=[project]))


@require_POST
@login_required
def add_environment(request: PageRequest, project: str) -> HttpResponse:
    home = visible_project(request.user, project)
    form = EnvironmentForm(request.POST, prefix="environment")
    if not form.is_valid():
        return _add_page(request, home, environment_form=form)
    fields = dict(form.cleaned_data)
    policy = {"required_approvals": fields.pop("required_approvals")}
    made = actions.create_environment(home, **fields, policy=policy, actor=request.user)
    messages.success(request, f"Environment {made.slug} added.")
    return go(request, reverse("releases:add", args=[project]))


@require_POST
@login_required
def add_target(request: PageRequest, project: str) -> HttpResponse:
    home = visible_project(request.user, project)
    form = _target_form(request, home, request.POST)
    if not form.is_valid():
        return _add_page(request, home, target_form=form)
    facts = dict(form.cleaned_data)
    made = actions.create_target(
        facts.pop("tenant"),
        facts.pop("environment"),
        facts=actions.TargetFacts(**facts),
        actor=request.user,
    )
    messages.success(request, f"{made} can be delivered to. Put workloads into it now.")
    return go(request, made.get_absolute_url())


def _add_page(request: PageRequest, home: Project, **forms: Any) -> HttpResponse:
    manages_all = access.allowed(request.user, Permission.MANAGE_ENVIRONMENT, on=home)
    wanted = {name: request.GET[name] for name in _GIVEN if name in request.GET}
    if len(wanted) == len(_GIVEN):
        wanted["namespace"] = "-".join(wanted[name] for name in _GIVEN)
    target_form = forms.get("target_form") or _target_form(request, home, None, wanted)
    context = {
        "crumbs": project_crumbs(home, {"label": "Add"}),
        "project": home,
        "manages_all": manages_all,
        "tenant_form": forms.get("tenant_form") or TenantForm(prefix="tenant"),
        "environment_form": forms.get("environment_form")
        or EnvironmentForm(prefix="environment"),
        "target_form": target_form,
        "has_places": target_form.has_places,
    }
    status = UNPROCESSABLE if forms else 200
    return render(request, "releases/add.html", context, status=status)


_GIVEN = ("tenant", "environment")


def _target_form(
    request: PageRequest, home: Project, data: Any, wanted: dict[str, str] | None = None
) -> TargetForm:
    places = access.environments_open_to(request.user, Permission.MANAGE_ENVIRONMENT)
    return TargetForm(
        data,
        prefix="target",
        initial=wanted,
        tenants=Tenant.objects.filter(project=home, archived_at=None).order_by("slug"),
        environments=Environment.objects.filter(
            pk__in=places.filter(project=home, archived_at=None)
        ).order_by("rank", "slug"),
    )
