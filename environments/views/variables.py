"""Variables of a project: the table, why a value wins, setting, renaming, deleting."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from environments import actions, asking
from environments.actions import VariablePlace
from environments.forms.variables import DeleteForm, RenameForm, VariableForm
from environments.models import Variable
from environments.selectors import visible_variables
from environments.selectors.home import Home
from environments.views.reviews import Review
from environments.views.variable_edits import VariableEdits
from environments.views.variables_page import VariablesPage, version_at
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.errors import NotFound
from gitopshq.core.forms import RefusableForm
from gitopshq.core.web import PageRequest

TEMPLATE = "environments/variables.html"
IMPACT = "environments/_impact.html"


@require_GET
@login_required
def variables(request: PageRequest, project: str) -> HttpResponse:
    """Show the table for the chosen target and service."""
    page = VariablesPage(request, Home(request.user, project))
    return show(request, TEMPLATE, page.context(VariableEdits(page).asked()))


@require_POST
@login_required
@asks(asking.SET_VARIABLE_HERE)
def set_variable(request: PageRequest, project: str) -> HttpResponse:
    """Set a variable at one scope of the chosen target.

    What that moves is shown first, where it reaches far; ``do=check`` only shows it.
    """
    page = VariablesPage(request, Home(request.user, project))
    edits = VariableEdits(page, request.POST)
    form: VariableForm = page.form(request.POST)
    review: Review | None = None
    if form.accepts(lambda: edits.review(form)):
        review = form.outcome
        if not edits.is_looking and _saves(request, page, form, review):
            messages.success(request, f"Saved {form.outcome}. The change is pending.")
            query = urlencode({**page.query, "key": form.outcome.key})
            return redirect(f"{_url(project)}?{query}")
    if edits.is_looking:
        form.blank_secret()
        if request.htmx:
            return show(request, IMPACT, edits.looking(form, review))
    return show(request, TEMPLATE, page.context(edits.editing(form, review)), form)


@require_POST
@login_required
@asks(asking.DELETE_VARIABLE)
def delete_variable(request: PageRequest, project: str, pk: int) -> HttpResponse:
    """Delete a variable at its scope, unless a text would miss it."""
    page, row = _found(request, project, pk)
    place = VariablePlace.of(row)
    edits = VariableEdits(page, request.POST)
    form = DeleteForm(request.POST)

    def step() -> None:
        actions.delete_unused_variable(
            row,
            seen=page.home.targets,
            actor=request.user,
            message=form.cleaned_data["message"],
        )

    review = edits.deletion(row, place)
    if _is_agreed(form, review) and form.accepts(step):
        said = f"{row.key} at {place.words}"
        messages.success(request, f"Deleted {said}. The change is pending.")
        return redirect(f"{_url(project)}?{urlencode(page.query)}")
    doing = edits.removing(row, place, form, review)
    return show(request, TEMPLATE, page.context(doing), form)


@require_POST
@login_required
@asks(asking.DELETE_VARIABLE)
def rename_variable(request: PageRequest, project: str, pk: int) -> HttpResponse:
    """Give a variable another name, unless a text has its value from it.

    Texts that name it so already are moved: that is agreed to, as for a new variable.
    """
    page, row = _found(request, project, pk)
    place, said = VariablePlace.of(row), row.key
    edits = VariableEdits(page, request.POST)
    form = RenameForm(request.POST)

    def step() -> Variable:
        return actions.rename_variable(
            row, seen=page.home.targets, actor=request.user, **form.cleaned_data
        )

    review = edits.renamed(row, place, form)
    if _is_agreed(form, review) and form.accepts(step):
        renamed = f"{said} at {place.words} to {form.outcome.key}"
        messages.success(request, f"Renamed {renamed}. The change is pending.")
        query = urlencode({**page.query, "key": form.outcome.key})
        return redirect(f"{_url(project)}?{query}")
    doing = edits.renaming(row, place, form, review)
    return show(request, TEMPLATE, page.context(doing), form)


def _saves(
    request: PageRequest, page: VariablesPage, form: VariableForm, review: Review | None
) -> bool:
    """Save the form if what it moves was agreed to; say whether it was saved."""
    return _is_agreed(form, review) and form.saves(
        page.home.project,
        now=lambda: version_at(page.place(form.data["scope"]), form.data["key"]),
        step=lambda: actions.set_variable(
            page.place(form.cleaned_data["scope"]), actor=request.user, **form.given
        ),
    )


def _is_agreed(form: RefusableForm, review: Review | None) -> bool:
    """Say whether the tick is there that the review asks for, if it asks for one."""
    return review is None or form.accepts(review.require)


def _found(
    request: PageRequest, project: str, pk: int
) -> tuple[VariablesPage, Variable]:
    """Return a variable with the page about it."""
    home = Home(request.user, project)
    row = visible_variables(request.user, home.project).filter(pk=pk).first()
    if row is None:
        raise NotFound
    page = VariablesPage(request, home)
    page.key = row.key
    return page, row


def _url(project: str) -> str:
    return reverse("environments:variables", args=[project])
