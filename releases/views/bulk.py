"""Releases of several targets under one note, each target decided alone."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from environments import access
from environments.models import Project, TenantEnvironment
from environments.permissions import Permission
from gitopshq.core import answers
from gitopshq.core.asking import asks
from gitopshq.core.refusals import attempting
from gitopshq.core.web import PageRequest
from releases import actions, asking
from releases.forms import BulkReleaseForm
from releases.models import Release
from releases.selectors.project_home import project_home
from releases.views._doors import go, project_crumbs

MOST = 200
_NEEDS = f"needs {Permission.CREATE_RELEASE.value}"


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.CREATE)
def create(request: PageRequest, project: str) -> HttpResponse:
    """Ask for the note; POST makes a release of each ticked target, if it can."""
    home = project_home(request.user, project).project
    chosen = _chosen(request, home)
    form = BulkReleaseForm()
    if request.method == "POST":
        form = BulkReleaseForm(request.POST)
        if form.is_valid() and chosen:
            made, refused = _made(request, chosen)
            if made:
                _report(request, made, refused)
                return go(request, reverse("releases:releases", args=[home.slug]))
            form.say(refused)
        elif not chosen:
            form.say(["Tick at least one target."])
    context = {
        "crumbs": project_crumbs(home, {"label": "Create releases"}),
        "project": home,
        "form": form,
        "targets": _targets(request, home, chosen),
    }
    return answers.show(request, "releases/bulk.html", context, form)


def _chosen(request: PageRequest, home: Project) -> list[TenantEnvironment]:
    """Return the targets that the matrix or the form ticked, as far as one sees them.

    The matrix names tenants and an environment, the form whole targets.
    """
    given: QueryDict = request.POST if request.method == "POST" else request.GET
    names = set(given.getlist("target")[:MOST])
    if place := given.get("environment"):
        names |= {f"{tenant}/{place}" for tenant in given.getlist("tenant")[:MOST]}
    return [target for target in _seen(request, home) if str(target) in names]


def _seen(request: PageRequest, home: Project) -> list[TenantEnvironment]:
    rows = access.targets_open_to(request.user, Permission.VIEW_RELEASE)
    found = rows.filter(
        project=home, tenant__archived_at=None, environment__archived_at=None
    )
    return list(
        found.select_related("project", "tenant", "environment").order_by(
            "environment__rank", "environment__slug", "tenant__slug"
        )
    )


def _targets(
    request: PageRequest, home: Project, chosen: Sequence[TenantEnvironment]
) -> list[dict[str, Any]]:
    """Return the rows to tick: what was chosen, or all that has something pending."""
    may = set(
        access.targets_open_to(request.user, Permission.CREATE_RELEASE)
        .filter(project=home)
        .values_list("pk", flat=True)
    )
    shown = chosen or [row for row in _seen(request, home) if row.pending_count]
    return [
        {
            "name": str(target),
            "url": target.get_absolute_url(),
            "pending": target.pending_count,
            "ticked": target in chosen and target.pk in may,
            "why_not": "" if target.pk in may else _NEEDS,
        }
        for target in shown[:MOST]
    ]


def _made(
    request: PageRequest, chosen: Sequence[TenantEnvironment]
) -> tuple[list[Release], list[str]]:
    """Return the releases that were made, and why the others were not."""
    made, refused = [], []
    for target in chosen:
        form = BulkReleaseForm(request.POST)
        if form.accepts(partial(_make, request, form, target)):
            made.append(form.outcome)
        elif form.refusal is not None:
            attempting(request, "release.create", target, project=target.project.slug)
            answers.record(request, form.refusal)
            refused.append(f"{target}: {form.refusal}")
    return made, refused


def _make(
    request: PageRequest, form: BulkReleaseForm, target: TenantEnvironment
) -> Release:
    return actions.create_release(target, actor=request.user, content=form.content())


def _report(request: PageRequest, made: list[Release], refused: list[str]) -> None:
    names = ", ".join(f"{release.name} {release.target}" for release in made)
    said = f"{len(made)} created: {names}"
    if refused:
        messages.warning(request, f"{said}; {len(refused)} refused: {_list(refused)}")
    else:
        messages.success(request, f"{said}.")


def _list(refused: Sequence[str]) -> str:
    return "; ".join(refused)
