"""What one is told and by which ways: for all projects, or for one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gitopshq.core import preferences
from gitopshq.core.answers import show
from gitopshq.core.asking import OWN, asks
from gitopshq.core.models import Way
from gitopshq.core.views.frame import frame
from gitopshq.core.web import PageRequest


@require_http_methods(["GET", "POST"])
@login_required
@asks(OWN)
def choose(request: PageRequest) -> HttpResponse:
    """Show the matrix of events and ways; POST saves it."""
    user = request.user
    project = request.GET.get("project", "")
    known = preferences.projects_of(user)
    preferences.check_project(user, project, known=known)
    if request.method == "POST":
        preferences.set_preferences(
            wanted=preferences.wanted_in(request.POST.getlist("wanted")),
            project=project,
            muted=request.POST.get("muted") == "on",
            actor=user,
        )
        messages.success(request, "Saved.")
        return redirect(request.get_full_path())
    matrix = preferences.matrix_of(user, project=project)
    context = {
        **frame("Notifications", below="Preferences"),
        "matrix": matrix,
        "rows": [_shown(row) for row in matrix.rows],
        "ways": Way.choices,
        "places": [_place(slug, project) for slug in ["", *known]],
        "mail_is_on": settings.EMAIL_IS_ON,
    }
    return show(request, "core/preferences.html", context)


def _shown(row: preferences.Row) -> dict[str, Any]:
    return {
        "notice": row.notice,
        "boxes": [
            {
                "value": f"{row.notice.event} {way}",
                "label": label,
                "is_ticked": way in row.ways,
                "is_own": way in row.chosen,
            }
            for way, label in Way.choices
        ],
    }


def _place(slug: str, current: str) -> dict[str, Any]:
    url = reverse("core:preferences")
    return {
        "label": slug or "All projects",
        "url": f"{url}?project={slug}" if slug else url,
        "current": slug == current,
    }
