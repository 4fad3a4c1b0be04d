"""The editor of values layers: one layer as text and form, saved as pending change."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from environments import actions, asking
from environments.desired.values import Inseparable
from environments.forms.workloads import ValuesForm
from environments.views.layer_review import review_of
from environments.views.values_page import ValuesPage
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.errors import FieldError, NotFound, ValidationError
from gitopshq.core.web import PageRequest

TEMPLATE = "environments/values.html"


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.EDIT_VALUES)
def values(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """One layer of a workload; POST saves it.

    ``do=check`` tries it only, ``do=fields`` puts the form into the text, ``do=take``
    makes one text of two people's. What a shared layer moves is agreed to first.
    """
    page = ValuesPage(request, project, workload)
    if request.method != "POST":
        return show(request, TEMPLATE, page.context(page.fresh()))
    if page.is_chart:
        raise NotFound
    form = page.typed(request.POST)
    do = request.POST.get("do")
    if page.problems:
        form.is_valid()
        summary = "what stands in a field cannot be put into the text"
        form.refuse(ValidationError(summary=summary, errors=page.problems))
    elif do == "take":
        form = _taken(page, form)
    elif do == "check":
        if form.accepts(lambda: page.check(form)):
            page.review = review_of(page, form.outcome)
    elif (
        do != "fields"
        and _is_agreed(page, form)
        and form.saves(
            page.home.project, now=page.version, step=lambda: _save(page, form)
        )
    ):
        messages.success(request, f"Saved {page.layer.path}. The change is pending.")
        return redirect(f"{request.path}?{urlencode(page.query)}")
    return show(request, TEMPLATE, page.context(form), form)


def _is_agreed(page: ValuesPage, form: ValuesForm) -> bool:
    """Say whether what saving would move needs no tick, or has it."""

    def step() -> None:
        page.review = review_of(page, page.check(form)) if page.may_save else None
        if page.review is not None:
            page.review.require()

    return form.accepts(step)


def _save(page: ValuesPage, form: ValuesForm) -> object:
    return actions.set_values(
        page.workload,
        text=form.cleaned_data["text"],
        tenant=page.tenant,
        environment=page.environment,
        actor=page.request.user,
        message=form.cleaned_data["message"],
    )


def _taken(page: ValuesPage, form: ValuesForm) -> ValuesForm:
    """Return the form with the text of both, as somebody chose path by path."""
    try:
        text = page.two_texts(form).taken()
    except Inseparable as refused:
        form.is_valid()
        error = FieldError("/sides", "inseparable_changes", str(refused))
        form.refuse(ValidationError(summary=str(refused), errors=[error]))
        return form
    page.before_taking = form.data["text"]
    return page.with_text(form, text)
