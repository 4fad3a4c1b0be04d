"""Comparing any two releases, or what any two targets run."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from environments.selectors import visible_project
from gitopshq.core.errors import NotFound
from gitopshq.core.web import PageRequest
from releases.selectors.comparing import comparison, targets_to_compare
from releases.selectors.content import Level
from releases.views import _diffs
from releases.views._doors import project_crumbs
from releases.views._looking import Look, remembering
from releases.views._sheet import Source
from releases.views._viewer import part_of

_BETWEEN = "..."


@require_GET
@login_required
def choose(request: PageRequest, project: str) -> HttpResponse:
    """Ask for the two sides, and lead to their comparison."""
    home = visible_project(request.user, project)
    sides = [request.GET.get(name, "").strip() for name in ("from", "to")]
    refusal = None
    if any(sides):
        try:
            comparison(request.user, project=project, before=sides[0], after=sides[1])
        except NotFound as refused:
            refusal = refused
        else:
            return redirect(_address(project, *sides))
    context = {
        "crumbs": project_crumbs(home, {"label": "Compare"}),
        "project": home,
        "from": sides[0],
        "to": sides[1],
        "refusal": refusal,
        "targets": list(targets_to_compare(request.user, home)),
    }
    status = 200 if refusal is None else 404
    return render(request, "releases/compare.html", context, status=status)


@require_GET
@login_required
@remembering
def compare(request: PageRequest, project: str, sides: str) -> HttpResponse:
    """Show the three diffs between two sides, ``acme/dev...R-42``."""
    before, _, after = sides.partition(_BETWEEN)
    found = comparison(request.user, project=project, before=before, after=after)
    look = Look.of(request)
    look = look.at(look.level or Level.MANIFEST.value)
    source = Source(found.diffs, _address(project, before, after))
    way = project_crumbs(
        found.project,
        {"label": "Compare", "url": reverse("releases:compare", args=[project])},
    )
    name = f"{before} to {after}"
    if part := part_of(request, source, look, name=name, crumbs=way):
        return part
    context = {
        **_diffs.review(source, look),
        "base": "green stands on the second side only",
        "crumbs": way,
        "project": found.project,
        "before": found.before,
        "after": found.after,
        "sides": [found.before, found.after],
        "turned_url": _address(project, after, before),
    }
    return render(request, "releases/comparison.html", context)


def _address(project: str, before: str, after: str) -> str:
    sides = f"{before}{_BETWEEN}{after}"
    return reverse("releases:comparison", args=[project, sides])
