"""Marks on the files of a diff: what one has viewed of it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest
from releases import actions, asking
from releases.selectors import visible_release
from releases.views import _release
from releases.views._diffs import viewed_file
from releases.views._looking import Look
from releases.views._sheet import level_of


@require_POST
@login_required
@asks(asking.LOOK)
def mark(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Mark a file as viewed, or take the mark away; the file folds or unfolds."""
    found = visible_release(request.user, project=project, number=number)
    look = _release.look_at(found, Look.of(request))
    path = request.POST.get("path", "")
    actions.mark_viewed(
        found,
        actor=request.user,
        level=level_of(look),
        path=path,
        content=request.POST.get("content", ""),
        is_viewed=request.POST.get("viewed") == "1",
    )
    source = _release.source(found, request.user)
    context = viewed_file(source, look, path)
    if request.htmx:
        return render(request, "releases/_viewed_file.html", context)
    return redirect(f"{source.url}{look.query()}#{context['file']['anchor']}")
