"""Every door of the product."""

from django.contrib import admin
from django.urls import include, path

from gitopshq import health

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("version", health.version),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
