"""What was deployed, into one target or anywhere in a project; rows lead back."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from environments.selectors import (
    visible_environments,
    visible_project,
    visible_tenants,
)
from environments.views.frame import project_tabs
from gitopshq.core.api.lists import page_of
from gitopshq.core.sheets import csv_lines
from gitopshq.core.web import PageRequest
from releases.forms import PlaceFilters
from releases.selectors import deployment_sheet, visible_target
from releases.selectors.deployments import deployments_in, deployments_of
from releases.views import _history
from releases.views._doors import project_crumbs, target_crumbs

_NEWEST = ("-deployed_at", "-pk")


@require_GET
@login_required
def of_target(
    request: PageRequest, project: str, tenant: str, environment: str
) -> HttpResponse:
    """List what was deployed into a target."""
    target = visible_target(
        request.user, project=project, tenant=tenant, environment=environment
    )
    rows, cursor = page_of(deployments_of(target), request.GET, order=_NEWEST)
    buckets = _history.buckets(rows, request.user)
    context = {
        "crumbs": target_crumbs(target, {"label": "History"}),
        "target": target,
        "project": target.project,
        "buckets": buckets,
        "untold": _history.is_untold(buckets),
        "shown": len(rows),
        "next": cursor,
    }
    return render(request, "releases/rollback_history.html", context)


@require_GET
@login_required
def of_project(request: PageRequest, project: str) -> HttpResponse:
    """List what was deployed into the targets of a project that the reader sees."""
    home = visible_project(request.user, project)
    tenants = visible_tenants(request.user, home).order_by("slug")
    environments = visible_environments(request.user, home).order_by("rank", "slug")
    form = PlaceFilters(
        request.GET,
        tenants=list(tenants.values_list("slug", flat=True)),
        environments=list(environments.values_list("slug", flat=True)),
    )
    chosen = form.cleaned_data if form.is_valid() else {}
    rows, cursor = page_of(
        deployments_in(home, request.user, chosen=chosen), request.GET, order=_NEWEST
    )
    buckets = _history.buckets(rows, request.user)
    context = {
        "crumbs": project_crumbs(home, {"label": "History"}),
        "tabs": project_tabs(home, "History"),
        "project": home,
        "form": form,
        "is_filtered": any(chosen.values()),
        "buckets": buckets,
        "untold": _history.is_untold(buckets),
        "shown": len(rows),
        "next": cursor,
    }
    return render(request, "releases/history.html", context)


@require_GET
@login_required
def download(request: PageRequest, project: str) -> StreamingHttpResponse:
    """Answer with what the page lists, all of it, as CSV; times are UTC."""
    home = visible_project(request.user, project)
    chosen = {name: request.GET.get(name, "") for name in ("tenant", "environment")}
    rows = deployments_in(home, request.user, chosen=chosen)
    lines = csv_lines(deployment_sheet.COLUMNS, deployment_sheet.records_of(rows))
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{home.slug}.csv"'},
    )
