"""The pages of the tiny project."""

import os

from django.http import HttpRequest, HttpResponse
from django.urls import path


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


def master(request: HttpRequest) -> HttpResponse:
    """The process that minds the one that answers."""
    return HttpResponse(str(os.getppid()))


urlpatterns = [path("healthz", healthz), path("master", master)]
