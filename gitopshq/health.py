"""Is it up, and can it serve? For supervisors and probes."""

from typing import Final

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from gitopshq.core import audit_checks

VERSION = "0.1.0"
_BROKER_TIMEOUT: Final = 2.0
"""Seconds."""
BROKER_IS_AWAY: Final = (RedisError, OSError)
"""What is raised where the broker does not answer."""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer whenever the process serves."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when database and broker do, else 503 with what does not.

    Without a trail that refuses changes nothing should be governed, either.
    """
    found = {"database": _database(), "broker": _broker(), "trail": _trail()}
    is_ready = all(state == "ok" for state in found.values())
    response = JsonResponse(found, status=200 if is_ready else 503)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def version(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"version": VERSION})


def broker() -> redis.Redis:
    """Return a client of the broker that does not wait for long; close it."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_BROKER_TIMEOUT,
        socket_connect_timeout=_BROKER_TIMEOUT,
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _trail() -> str:
    try:
        return "unguarded" if audit_checks.unguarded() else "ok"
    except DatabaseError:
        return "unreachable"


def _broker() -> str:
    try:
        with broker() as found:
            found.ping()
    except BROKER_IS_AWAY:
        return "unreachable"
    return "ok"
