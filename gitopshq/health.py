"""Is it up, and can it serve? For supervisors and probes."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

VERSION = "0.1.0"


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer whenever the process serves."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer once the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ready\n", content_type="text/plain")


def version(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"version": VERSION})
