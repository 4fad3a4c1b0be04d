"""Releases: the list, the page of one, its diffs and its progress."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from environments.selectors import (
    visible_environments,
    visible_project,
    visible_tenants,
)
from environments.views.frame import project_tabs
from gitopshq.core.api.lists import page_of
from gitopshq.core.live import live
from gitopshq.core.web import PageRequest, joined
from releases.forms import CommentForm, ReleaseFilters
from releases.models import Release
from releases.selectors import visible_release
from releases.selectors.matrix import votes_on
from releases.selectors.release_list import filtered_releases
from releases.selectors.release_page import release_page
from releases.views import _comments, _deploys, _release
from releases.views._cells import coming_status
from releases.views._doors import project_crumbs, release_tabs, target_crumbs
from releases.views._looking import Look, remembering
from releases.views._viewer import part_of


@require_GET
@login_required
def releases(request: PageRequest, project: str) -> HttpResponse:
    """List the releases of a project."""
    home = visible_project(request.user, project)
    environments = visible_environments(request.user, home).order_by("rank", "slug")
    tenants = visible_tenants(request.user, home).order_by("slug")
    form = ReleaseFilters(
        request.GET,
        tenants=list(tenants.values_list("slug", flat=True)),
        environments=list(environments.values_list("slug", flat=True)),
    )
    chosen = form.cleaned_data if form.is_valid() else {}
    rows, cursor = page_of(
        filtered_releases(request.user, home, chosen=chosen),
        request.GET,
        order=("-number", "-pk"),
    )
    votes = votes_on(rows)
    context = {
        "crumbs": project_crumbs(home, {"label": "Releases"}),
        "tabs": project_tabs(home, "Releases"),
        "project": home,
        "form": form,
        "set_count": sum(map(bool, chosen.values())),
        "next": cursor,
        "rows": [
            {"release": row, **coming_status(row, votes.get(row.pk))} for row in rows
        ],
    }
    return render(request, "releases/releases.html", context)


@require_GET
@login_required
@remembering
def release(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Show one release; the address also says how to look at its content."""
    found = visible_release(request.user, project=project, number=number)
    look = _release.look_at(found, Look.of(request))
    source = _release.source(found, request.user)
    part = part_of(request, source, look, name=found.name, crumbs=crumbs(found))
    return part or show(request, found)


@require_GET
@login_required
@live
def progress(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Show how far the worker is; once it has ended, the page is loaded again."""
    found = visible_release(request.user, project=project, number=number)
    if not request.htmx or not found.is_in_motion:
        if request.htmx:
            return HttpResponseClientRefresh()
        return show(request, found)
    context = _deploys.progress(found, _deploys.last_attempt(found))
    return render(request, "releases/_progress.html", context)


def show(
    request: PageRequest,
    found: Release,
    *,
    comment: CommentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the page of *found*: its changing part to htmx, all to everyone else."""
    page = release_page(found, request.user)
    clone_url = f"{request.build_absolute_uri('/git/')}{found.project.slug}.git"
    context = joined(
        _release.context(page, request.user),
        _release.review(page, Look.of(request), request.user),
        _comments.context(found, comment),
        {
            "crumbs": crumbs(found),
            "siblings": release_tabs(found, "Release"),
            "clone_command": f"git clone {clone_url}",
        },
    )
    template = "_release.html" if request.htmx else "release.html"
    return render(request, f"releases/{template}", context, status=status)


def crumbs(found: Release) -> list[dict[str, str]]:
    """Return the way to a release."""
    url = reverse("releases:release", args=[found.project.slug, found.number])
    return target_crumbs(found.target, {"label": found.name, "url": url})
