"""Variables of a project: the table, why a value wins, setting and deleting."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from environments import actions, asking
from environments.forms.variables import VariableForm
from environments.selectors import visible_variables
from environments.selectors.home import Home
from environments.views.variables_page import VariablesPage, version_at
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.errors import NotFound
from gitopshq.core.web import PageRequest

TEMPLATE = "environments/variables.html"


@require_GET
@login_required
def variables(request: PageRequest, project: str) -> HttpResponse:
    """Show the table for the chosen target and service."""
    page = VariablesPage(request, Home(request.user, project))
    return show(request, TEMPLATE, page.context())


@require_POST
@login_required
@asks(asking.SET_VARIABLE_HERE)
def set_variable(request: PageRequest, project: str) -> HttpResponse:
    """Set a variable at one scope of the chosen target."""
    page = VariablesPage(request, Home(request.user, project))
    form: VariableForm = page.form(request.POST)
    if form.saves(
        page.home.project,
        now=lambda: version_at(page.place(form.data["scope"]), form.data["key"]),
        step=lambda: actions.set_variable(
            page.place(form.cleaned_data["scope"]), actor=request.user, **form.given
        ),
    ):
        messages.success(request, f"Saved {form.outcome}. The change is pending.")
        query = urlencode({**page.query, "key": form.outcome.key})
        return redirect(f"{_url(project)}?{query}")
    return show(request, TEMPLATE, page.context(form), form)


@require_POST
@login_required
@asks(asking.DELETE_VARIABLE)
def delete_variable(request: PageRequest, project: str, pk: int) -> HttpResponse:
    """Delete a variable at its scope."""
    home = Home(request.user, project)
    row = visible_variables(request.user, home.project).filter(pk=pk).first()
    if row is None:
        raise NotFound
    said = str(row)
    actions.delete_variable(row, actor=request.user)
    messages.success(request, f"Deleted {said}. The change is pending.")
    return redirect(f"{_url(project)}?{request.GET.urlencode()}")


def _url(project: str) -> str:
    return reverse("environments:variables", args=[project])
