"""What a part of a page gets once its session is over: words, no page to log in."""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.views import csrf
from django_htmx.middleware import HtmxDetails

from gitopshq.core.answers import into_flash, part_of

FOUND: Final = 302
FORBIDDEN: Final = 403
LOGGED_OUT: Final = 401
"""After it a live part asks no more (``static/js/polling.js``)."""


class SessionEndMiddleware:
    """Say to htmx that nobody is logged in any more, instead of leading elsewhere.

    A browser would follow, and the page to log in would be put into a part of another.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        part = part_of(request)
        if part is None or response.status_code != FOUND:
            return response
        page = resolve_url(settings.LOGIN_URL)
        if urlsplit(response["Location"]).path != page:
            return response
        back = urlencode({"next": _whole(part)})
        return _say(request, "logged_out", f"{page}?{back}", LOGGED_OUT)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form of another session; ``CSRF_FAILURE_VIEW`` of the settings."""
    if part := part_of(request):
        return _say(request, "form_expired", _whole(part), FORBIDDEN)
    return csrf.csrf_failure(request, reason)


def _whole(part: HtmxDetails) -> str:
    """Return the path of the page that *part* is of."""
    return part.current_url_abs_path or "/"


def _say(request: HttpRequest, name: str, url: str, status: int) -> HttpResponse:
    answer = render(request, f"errors/_{name}.html", {"url": url}, status=status)
    return into_flash(answer)
