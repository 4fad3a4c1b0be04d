"""Searching: the field in the frame of every page leads here."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gitopshq.core.api.lists import page_of
from gitopshq.core.web import PageRequest
from releases.selectors.search import KINDS, Search, Words


@require_GET
@login_required
def search(request: PageRequest) -> HttpResponse:
    """Show what was found, a few of each kind; ``in`` pages through one kind."""
    words = Words.of(request.GET.get("q", ""))
    found = Search(request.user, words)
    context: dict[str, Any] = {
        "crumbs": [{"label": "Search"}],
        "search_words": words.text,
    }
    kind = next((one for one in KINDS if one.code == request.GET.get("in")), None)
    if kind is None:
        context["groups"] = found.groups()
    else:
        rows = found.rows(kind)
        shown, following = (
            page_of(rows, request.GET, order=kind.order)
            if rows is not None
            else ([], None)
        )
        context |= {
            "crumbs": [
                {"label": "Search", "url": reverse("releases:search")},
                {"label": kind.title},
            ],
            "kind": kind,
            "hits": found.hits(kind, shown),
            "next": following,
        }
    return render(request, "releases/search.html", context)
