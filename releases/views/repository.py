"""The browser of a project's branches: folders, files, commits, how to connect."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from delivery import connecting
from environments.selectors import visible_project
from environments.views.frame import project_tabs
from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest
from releases import asking
from releases.selectors import repository as selectors
from releases.selectors.repository import FolderPage, Standing
from releases.views import _repository as shown
from releases.views._doors import project_crumbs

LONGEST_TOKEN = 200


@require_GET
@login_required
def browse(
    request: PageRequest, project: str, ref: str = "main", path: str = ""
) -> HttpResponse:
    """Show a folder with what changed each entry last, or a file."""
    page = selectors.browse(request.user, project=project, ref=ref, path=path)
    if isinstance(page, FolderPage):
        context = _context(page.at, "tree")
        return render(request, "releases/repository.html", {**context, "page": page})
    context = {**_context(page.at, "tree"), **shown.file(page)}
    return render(request, "releases/repository_file.html", context)


@require_GET
@login_required
def raw(request: PageRequest, project: str, ref: str, path: str) -> HttpResponse:
    """Answer with the bytes of a file, as plain text whatever they are."""
    data = selectors.raw(request.user, project=project, ref=ref, path=path)
    return HttpResponse(data, content_type="text/plain; charset=utf-8")


@require_GET
@login_required
def commits(
    request: PageRequest, project: str, ref: str, path: str = ""
) -> HttpResponse:
    """List the commits that changed a path."""
    page = selectors.commits(
        request.user,
        project=project,
        ref=ref,
        path=path,
        after=request.GET.get("cursor", ""),
    )
    context = {
        **_context(page.at, "commits"),
        "rows": page.rows,
        "next": page.next,
        "shown": len(page.rows),
    }
    return render(request, "releases/repository_commits.html", context)


@require_GET
@login_required
def commit(request: PageRequest, project: str, sha: str) -> HttpResponse:
    """Show one commit: its words, its release, what it changed."""
    page = selectors.commit(request.user, project=project, sha=sha)
    context = {**_context(page.at, "commit"), **shown.commit(page)}
    return render(request, "releases/repository_commit.html", context)


@require_GET
@login_required
def connect(request: PageRequest, project: str) -> HttpResponse:
    """Say how Argo CD, Flux and people read the repository, and who does."""
    return _connect(request, project)


@require_POST
@login_required
@asks(asking.TRY_CONNECTION)
def try_connection(request: PageRequest, project: str) -> HttpResponse:
    """Read the repository as clients do; show what came back, and keep none of it."""
    found = visible_project(request.user, project)
    secret = request.POST.get("token", "").strip()[:LONGEST_TOKEN]
    probe = connecting.try_connection(found, secret=secret, actor=request.user)
    return _connect(request, project, tried=shown.tried(probe, is_lent=not secret))


def _connect(
    request: PageRequest, project: str, tried: dict[str, Any] | None = None
) -> HttpResponse:
    page = selectors.connections(request.user, project=project)
    context = {
        **_context(page.at, "connect"),
        **shown.connect(page, request.GET),
        "tried": tried,
    }
    return render(request, "releases/repository_connect.html", context)


def _context(at: Standing, current: str) -> dict[str, Any]:
    root = reverse("releases:repository", args=[at.project.slug])
    return {
        "at": at,
        "project": at.project,
        "crumbs": project_crumbs(at.project, {"label": "Repository", "url": root}),
        "tabs": project_tabs(at.project, "Repository"),
        **shown.standing(at, current),
    }
