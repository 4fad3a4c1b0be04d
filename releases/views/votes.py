"""How far the approval of a release has got, for pages that look again."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseClientRefresh

from gitopshq.core.live import live
from gitopshq.core.web import PageRequest
from releases.gates import ahead_of
from releases.selectors import visible_release
from releases.selectors.release_page import release_page
from releases.views import _release, _votes
from releases.views.releases import show

_MOVES_THE_PAGE = ("state", "digest", "mine")


@require_GET
@login_required
@live
def votes(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Show the votes of now, and the gates where others have voted since.

    The query says what the page shows. Where the release itself has moved, or the
    reader has voted in another window, the page is loaded again.
    """
    found = visible_release(request.user, project=project, number=number)
    if not request.htmx:
        return show(request, found)
    question = ahead_of(found, request.user)
    seen = _votes.seen_by(question, request.user)
    if any(request.GET.get(name, "") != seen[name] for name in _MOVES_THE_PAGE):
        return HttpResponseClientRefresh()
    context: dict[str, Any] = {"release": found}
    if request.GET.get("votes") == seen["votes"]:
        able = question.approvers
        context |= _votes.standing(question, able, request.user)
        context["rule_note"] = _votes.rule_note(question)
    else:
        page = release_page(found, request.user, question=question)
        context |= _release.context(page, request.user)
        context["swapped"] = True
    return render(request, "releases/_votes_now.html", context)
