"""One id for each request: in its answer, its audit rows and its log lines.

Audit rows also say from which address it came.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from gitopshq.core import audit

_LEGAL: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LONGEST_ADDRESS: Final = 64
_UNLOGGED: Final = frozenset({"/healthz", "/readyz", "/metrics"})
_log = logging.getLogger("gitopshq.requests")


class RequestIdMiddleware:
    """Take the caller's ``X-Request-Id`` where it is legal, else make one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        chosen = given if _LEGAL.fullmatch(given) else uuid.uuid4().hex
        began = time.monotonic()
        token = audit.request_id.set(chosen)
        came = audit.caller.set(audit.Caller(_address(request)))
        try:
            response = self.get_response(request)
            _note(request, response, time.monotonic() - began)
        finally:
            audit.caller.reset(came)
            audit.request_id.reset(token)
        response["X-Request-Id"] = chosen
        return response


def _address(request: HttpRequest) -> str:
    """Return who called, as our own proxy saw it where there is one.

    Of a list of hops only the last was written by it; callers write the others.
    """
    hops = request.headers.get("X-Forwarded-For", "") if settings.IS_HTTPS else ""
    seen = hops.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return str(seen)[:_LONGEST_ADDRESS]


def _note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Log who asked for what; never the query string, where secrets stray."""
    if request.path in _UNLOGGED or request.path.startswith("/static/"):
        return
    extra = {
        "method": request.method,
        "path": request.path,
        "status": response.status_code,
        "milliseconds": round(seconds * 1000, 1),
    }
    _log.info("request", extra=extra)
