"""How a page or a part of one answers: what its forms were told decides the status."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.http import reswap, retarget
from django_htmx.middleware import HtmxDetails

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


def part_of(request: HttpRequest) -> HtmxDetails | None:
    """Return what htmx says of the part it asks for; ``None`` for a whole page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return htmx if htmx and not htmx.boosted else None


def into_flash(response: HttpResponse) -> HttpResponse:
    """Have htmx put *response* among the messages, whatever the form wants swapped."""
    # Without reswap the form's own hx-swap would replace #flash itself.
    return reswap(retarget(response, "#flash"), "innerHTML")


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
