"""The one place where a refusal becomes an HTTP response."""

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from rest_framework.response import Response
from rest_framework.views import exception_handler

from gitopshq.core import errors

STATUS: Final[dict[type[errors.DomainError], int]] = {
    errors.InvalidState: 400,
    errors.NotPermitted: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.Unprocessable: 422,
    errors.Locked: 423,
}


def status_of(error: errors.DomainError) -> int:
    return next(code for family, code in STATUS.items() if isinstance(error, family))


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    return exception_handler(exc, context)


class RefusalMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)
