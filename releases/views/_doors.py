"""What all pages of this app share: the way to them, and going on."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from environments.models import Project, TenantEnvironment
from gitopshq.core.web import PageRequest
from releases.models import Release


def go(request: PageRequest, url: str) -> HttpResponse:
    """Lead on to *url*: htmx is told by a header, everyone else is redirected."""
    if request.htmx:
        return HttpResponseClientRedirect(url)
    return redirect(url)


def project_crumbs(project: Project, *more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the way from all projects to a page of *project*."""
    return [
        {"label": "Projects", "url": reverse("releases:projects")},
        {"label": project.slug, "url": project.get_absolute_url()},
        *more,
    ]


def target_crumbs(
    target: TenantEnvironment, *more: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the way to a page of *target*."""
    here = {
        "label": f"{target.tenant.slug} / {target.environment.slug}",
        "url": target.get_absolute_url(),
    }
    return project_crumbs(target.project, here, *more)


def release_tabs(release: Release, current: str) -> list[dict[str, Any]]:
    """Return the pages of a release."""
    where = [release.project.slug, release.number]
    found = (
        ("Release", reverse("releases:release", args=where)),
        ("Evidence", reverse("releases:evidence", args=where)),
    )
    return [
        {"label": label, "url": url, "current": label == current}
        for label, url in found
    ]
