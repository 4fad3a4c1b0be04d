"""The one place where a refusal becomes an HTTP response.

Problem documents (RFC 9457) for the API; flashes and error pages are in ``pages``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core import exceptions as django_errors
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions as drf_errors
from rest_framework.request import Request
from rest_framework.views import set_rollback

from gitopshq.core import audit, errors, refusals
from gitopshq.core.api.field_errors import flatten, summary
from gitopshq.core.contention import is_contention, is_duplicate
from gitopshq.core.errors import FieldError
from gitopshq.core.naming import camel

PROBLEM_TYPE: Final = "application/problem+json"
API_ROOT: Final = "/api/"
OK: Final = 200
CLIENT_ERROR: Final = 400
SERVER_ERROR: Final = 500

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

_DRF_CODES: Final[dict[type[drf_errors.APIException], str]] = {
    drf_errors.NotAuthenticated: "unauthenticated",
    drf_errors.AuthenticationFailed: "unauthenticated",
    drf_errors.PermissionDenied: "permission_denied",
    drf_errors.NotFound: "not_found",
    drf_errors.MethodNotAllowed: "method_not_allowed",
    drf_errors.NotAcceptable: "not_acceptable",
    drf_errors.UnsupportedMediaType: "unsupported_media_type",
    drf_errors.Throttled: "throttled",
    drf_errors.ParseError: "parse_error",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as the wire knows it."""

    status: int
    code: str
    detail: str
    errors: tuple[FieldError, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""
    """What pages say besides: the wire keeps to its contract."""

    @property
    def title(self) -> str:
        """The code as words."""
        return self.code.replace("_", " ").capitalize()

    def body(self) -> dict[str, Any]:
        """Return the problem document, with the id of the current request."""
        body: dict[str, Any] = {
            "type": f"/api/v1/docs#{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "requestId": audit.request_id.get(),
        }
        if self.errors:
            body["errors"] = [_field_error(error) for error in self.errors]
        if self.details:
            body["details"] = dict(self.details)
        return body


BROKEN: Final = Problem(500, "internal_error", "something broke here, and is logged")
ABSENT: Final = Problem(404, errors.NotFound.code, errors.NotFound.message)
DENIED: Final = Problem(403, errors.NotPermitted.code, "you may not do this")
UNREADABLE: Final = Problem(400, "parse_error", "the request cannot be read")


def status_of(error: errors.DomainError) -> int:
    """Return the status code of the family that *error* belongs to."""
    return status_of_family(type(error))


def status_of_family(kind: type[errors.DomainError]) -> int:
    """Return the status code that every error of *kind* has."""
    return next(code for family, code in STATUS.items() if issubclass(kind, family))


def problem_of(error: Exception) -> Problem | None:
    """Return what *error* says to a caller; ``None`` for a bug."""
    if isinstance(error, errors.DomainError):
        return domain_problem(error)
    if isinstance(error, drf_errors.APIException):
        return _drf_problem(error)
    return _django_problem(error) or _race(error)


def respond(problem: Problem) -> JsonResponse:
    """Return *problem* as a response of the API."""
    response = JsonResponse(
        problem.body(),
        status=problem.status,
        content_type=PROBLEM_TYPE,
        headers=dict(problem.headers),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def api_exception_handler(
    error: Exception, context: Mapping[str, Any]
) -> JsonResponse | None:
    """Answer every refusal with a problem document; let bugs rise."""
    problem = problem_of(error)
    if problem is None:
        return None
    set_rollback()
    request: Request = context["request"]
    record_refusal(request._request, problem, actor=request.user)  # noqa: SLF001
    return respond(problem)


def record_refusal(request: HttpRequest, problem: Problem, *, actor: object) -> None:
    """Have the refusal audited, where the door said what was attempted."""
    refusals.record(
        request,
        actor=actor,
        status=problem.status,
        code=problem.code,
        detail=problem.detail,
    )


def is_api(request: HttpRequest) -> bool:
    """Say whether *request* is answered in JSON."""
    return request.path.startswith(API_ROOT)


def too_large(request: HttpRequest, limit: int) -> errors.TooLarge | None:
    """Return a refusal when the body announces more than *limit* bytes."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    # Django takes a length that is no number for none, and reads nothing.
    if not length.isdecimal() or int(length) <= limit:
        return None
    return errors.TooLarge(what="the body", limit=f"{limit // 1024} KiB")


def domain_problem(error: errors.DomainError) -> Problem:
    """Return what *error* says to a caller."""
    detail = str(error)
    facts = {
        camel(name): value for name, value in error.facts.items() if value != detail
    }
    return Problem(
        status_of(error),
        error.code,
        detail,
        error.errors,
        {**facts, **error.details},
        sentence=error.sentence,
    )


def _drf_problem(error: drf_errors.APIException) -> Problem:
    if isinstance(error, drf_errors.ValidationError):
        fields = flatten(error.detail)
        return Problem(422, "validation_error", summary(fields), fields)
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    code = next(
        (code for kind, code in _DRF_CODES.items() if isinstance(error, kind)),
        BROKEN.code,
    )
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def _django_problem(error: Exception) -> Problem | None:
    match error:
        case Http404():
            return ABSENT
        case django_errors.PermissionDenied():
            return Problem(403, DENIED.code, str(error) or DENIED.detail)
        case django_errors.RequestDataTooBig():
            return Problem(413, errors.TooLarge.code, "the body is too large")
        case django_errors.BadRequest() | django_errors.SuspiciousOperation():
            return UNREADABLE
        case MultiPartParserError():
            return UNREADABLE
    return None


def _race(error: Exception) -> Problem | None:
    if not (is_contention(error) or is_duplicate(error)):
        return None
    lost = errors.ConcurrentUpdate(what="this")
    return Problem(status_of(lost), lost.code, str(lost), headers={"Retry-After": "1"})


def _field_error(error: FieldError) -> dict[str, Any]:
    said: dict[str, Any] = {
        "pointer": error.pointer,
        "code": error.code,
        "detail": error.detail,
    }
    if error.file:
        said["file"] = error.file
    if error.line is not None:
        said["line"] = error.line
    return said
