"""Every door of the product."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.contrib import admin
from django.urls import include, path

from gitopshq import health, metrics
from gitopshq.core import pages
from gitopshq.core.api_urls import api_urlpatterns as core_api

APPS = ("environments", "approvals", "delivery", "releases")


def _api_of(app: str) -> list[Any]:
    """Return an app's paths of the API, if it has any."""
    name = f"{app}.api_urls"
    return list(import_module(name).api_urlpatterns) if find_spec(name) else []


handler400 = pages.bad_request
handler403 = pages.permission_denied
handler404 = pages.page_not_found
handler500 = pages.server_error

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("version", health.version),
    path("metrics", metrics.metrics),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("gitopshq.core.urls")),
    path("api/v1/", include(core_api)),
    *(path("api/v1/", include(_api_of(app))) for app in APPS),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
    # Last below the API: what leads nowhere is refused like everything else there.
    path("api/<path:rest>", pages.unknown_route),
]
