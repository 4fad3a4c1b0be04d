"""How a page answers: what its forms were told decides the status."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gitopshq.core import http
from gitopshq.core.errors import DomainError
from gitopshq.core.forms import RefusableForm

_UNPROCESSABLE: Final = 422


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    form: RefusableForm | None = None,
) -> HttpResponse:
    """Render a page; with *form*, under the status of what it was refused for.

    The refusal of what the page attempted is recorded.
    """
    if form is not None and form.refusal is not None:
        record(request, form.refusal)
    return render(request, template, dict(context), status=status_of(form))


def record(request: HttpRequest, refusal: DomainError) -> None:
    """Have *refusal* audited, where the page said what was attempted."""
    problem = http.domain_problem(refusal)
    http.record_refusal(request, problem, actor=getattr(request, "user", None))


def status_of(form: RefusableForm | None) -> int:
    """Return the status of a page that shows *form* again; 200 where all is well."""
    if form is None or not form.is_bound:
        return http.OK
    if form.refusal is not None:
        return http.status_of(form.refusal)
    return _UNPROCESSABLE if form.errors else http.OK
