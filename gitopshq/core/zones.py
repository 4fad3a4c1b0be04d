"""Times on pages are told on the clock of whoever reads them."""

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class TimeZoneMiddleware:
    """Tell times in the reader's own zone, for the length of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_of(request)):
            return self.get_response(request)


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Return the zone of the reader's profile; UTC for everybody else."""
    # Machines and probes ask for no session, and must not load one here.
    is_page = not request.path.startswith(("/api/", "/git/", "/static/"))
    user = getattr(request, "user", None)
    name = getattr(user, "time_zone", "") if is_page and user else ""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
