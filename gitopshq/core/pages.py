"""Refusals on pages: a flash for htmx, an error page for everyone else.

Also what Django shows when nothing matched or something broke, at both doors.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from gitopshq.core import audit, errors, http
from gitopshq.core.answers import into_flash, part_of
from gitopshq.core.contention import insist, is_contention
from gitopshq.core.instants import with_clock_times


class RefusalMiddleware:
    """Answer a refusal raised by a page; try a page again that lost a race.

    What no view could answer is refused before one is asked.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path:
            # Nothing has such a name, and PostgreSQL takes no such text.
            return answer(request, http.ABSENT)
        # Before anybody reads the body: later, Django would answer with a bare 400.
        if too_large := http.too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            return answer(request, http.domain_problem(too_large))
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponseBase | None:
        """Return the answer to a refusal; ``None`` lets a bug rise."""
        if is_contention(error) and request.resolver_match is not None:
            view = request.resolver_match
            try:
                shown: HttpResponseBase = insist(
                    lambda: view.func(request, *view.args, **view.kwargs)
                )
            except Exception as again:  # noqa: BLE001  answered, or raised below
                error = again
            else:
                return shown
        answer = refuse(request, error)
        if answer is None and is_contention(error):
            raise error
        return answer


def refuse(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return the answer to *error*, audited where it must be; ``None`` for a bug."""
    problem = http.problem_of(error)
    if problem is None:
        return None
    http.record_refusal(request, problem, actor=getattr(request, "user", None))
    return answer(request, problem)


def answer(request: HttpRequest, problem: http.Problem) -> HttpResponse:
    """Return *problem* as *request* can show it."""
    if http.is_api(request):
        return http.respond(problem)
    is_fragment = part_of(request) is not None
    if problem.status == http.ABSENT.status and not is_fragment:
        return defaults.page_not_found(request, Http404())
    template = "errors/_refusal.html" if is_fragment else "errors/refusal.html"
    context = {
        "error": problem.detail,
        "status": problem.status,
        "code": problem.code,
        "title": problem.title,
        "detail": problem.detail,
        "next_step": with_clock_times(problem.sentence),
        "problems": problem.errors,
        "request_id": audit.request_id.get(),
        "back_url": _came_from(request),
    }
    response = render(request, template, context, status=problem.status)
    return into_flash(response) if is_fragment else response


def _came_from(request: HttpRequest) -> str:
    """Return the page of ours that led here; "" where the browser names none."""
    address = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else ""


@csrf_exempt
def unknown_route(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Answer a path below the API that leads nowhere, whoever asks and how.

    :raises NotFound: always.
    """
    raise errors.NotFound


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler400``."""
    if http.is_api(request):
        return http.respond(http.problem_of(exception) or http.UNREADABLE)
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler403``."""
    if http.is_api(request):
        return http.respond(http.problem_of(exception) or http.DENIED)
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``handler404``."""
    if http.is_api(request):
        return http.respond(http.ABSENT)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """``handler500``: a bug, logged with the id that the answer carries."""
    if http.is_api(request):
        return http.respond(http.BROKEN)
    return defaults.server_error(request)
