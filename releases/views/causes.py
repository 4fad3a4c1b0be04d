"""Asking why the lines of a release change, and waiting for the answer."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from gitopshq.core.live import live
from gitopshq.core.web import PageRequest
from releases.cause_requests import request_causes
from releases.models import SearchState
from releases.selectors import visible_release
from releases.views import _why
from releases.views.releases import crumbs


@require_GET
@login_required
@live
def why(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Have it worked out, and show how far that is; then the manifests say why."""
    found = visible_release(request.user, project=project, number=number)
    search = request_causes(found)
    if search.state == SearchState.PENDING:
        template = "_why_state" if request.htmx else "why"
        context = {
            "why": _why.Reasons(found).state,
            "release": found,
            "crumbs": crumbs(found),
        }
        return render(request, f"releases/{template}.html", context)
    if request.htmx:
        return HttpResponseClientRefresh()
    return redirect(f"{found.get_absolute_url()}?diff=manifest#diff")
