"""Every door of the product."""

from django.contrib import admin
from django.urls import include, path

from approvals.api_urls import api_urlpatterns as approvals_api
from environments.api_urls import api_urlpatterns as environments_api
from gitopshq import health, metrics, system
from gitopshq.core import pages
from gitopshq.core.api_urls import api_urlpatterns as core_api
from gitopshq.demo.views import load as load_demo
from releases.api_urls import api_urlpatterns as releases_api

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
    path("admin/system", system.show, name="system"),
    path("admin/", admin.site.urls),
    path("", include("gitopshq.core.urls")),
    path("api/v1/", include(core_api)),
    path("api/v1/", include(environments_api)),
    path("api/v1/", include(approvals_api)),
    path("api/v1/", include(releases_api)),
    path("", include("environments.urls")),
    path("", include("approvals.urls")),
    path("", include("delivery.urls")),
    path("demo", load_demo, name="load_demo"),
    path("", include("releases.urls")),
    # Last below the API: what leads nowhere is refused like everything else there.
    path("api/<path:rest>", pages.unknown_route),
]
