"""Filters of the inbox kept under a name: saved, found again, forgotten."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from approvals import actions
from approvals.forms import ViewForm
from approvals.models import SavedView
from approvals.views._filters import query_of
from gitopshq.core.asking import OWN, asks
from gitopshq.core.errors import NotFound
from gitopshq.core.web import PageRequest


@require_POST
@login_required
@asks(OWN)
def save(request: PageRequest) -> HttpResponse:
    """Keep the filters that the form stands under; show the inbox with them."""
    form = ViewForm(request.POST)
    query = query_of(QueryDict(request.POST.get("query", "")))
    if form.accepts(lambda: _save(form, query, request)):
        messages.success(request, f"Saved as {form.outcome}.")
        return redirect(form.outcome)
    messages.error(request, f"Not saved: {form.why_not}.")
    return redirect(SavedView(query=query))


@require_POST
@login_required
@asks(OWN)
def forget(request: PageRequest, pk: int) -> HttpResponse:
    """Keep one no longer."""
    view = SavedView.objects.filter(owner=request.user, pk=pk).first()
    if view is None:
        raise NotFound
    back = SavedView(query=query_of(QueryDict(request.POST.get("back", ""))))
    actions.forget_view(view, actor=request.user)
    messages.success(request, f"{view} is forgotten.")
    return redirect(back)


def _save(form: ViewForm, query: str, request: PageRequest) -> SavedView:
    name = form.cleaned_data["name"]
    return actions.save_view(actor=request.user, name=name, query=query)
