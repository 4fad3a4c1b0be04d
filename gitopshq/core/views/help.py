"""Help: the list of its pages, and each page."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gitopshq.core import help as pages
from gitopshq.core.web import PageRequest


@require_GET
@login_required
def contents(request: PageRequest) -> HttpResponse:
    """List the pages of help."""
    context = {"crumbs": [{"label": "Help"}], "pages": pages.PAGES}
    return render(request, "help/contents.html", context)


@require_GET
@login_required
def page(request: PageRequest, page: str) -> HttpResponse:
    """Show one page of help.

    :raises Http404: when there is none of that name
    """
    try:
        found = pages.page_of(page)
    except KeyError:
        raise Http404 from None
    at = pages.PAGES.index(found)
    context = {
        "crumbs": [
            {"label": "Help", "url": reverse("core:help")},
            {"label": found.title},
        ],
        "pages": pages.PAGES,
        "page": found,
        "base_url": settings.BASE_URL,
        "following": pages.PAGES[at + 1] if at + 1 < len(pages.PAGES) else None,
    }
    return render(request, f"help/{found.slug}.html", context)
