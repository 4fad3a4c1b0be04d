"""The approvals inbox: what waits, for whom, and a vote on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from approvals import actions, selectors
from approvals.forms import ApproveForm, RejectForm
from approvals.models import ApprovalRequest
from gitopshq.core import http
from gitopshq.core.answers import status_of
from gitopshq.core.api.lists import page_of
from gitopshq.core.errors import NotFound
from gitopshq.core.forms import RefusableForm
from gitopshq.core.refusals import attempting
from gitopshq.core.web import PageRequest

TEMPLATE = "approvals/inbox.html"
FILTERS = ("project", "environment", "requester", "kind")


@require_GET
@login_required
def inbox(request: PageRequest) -> HttpResponse:
    """Show what waits for the reader, or with ``show=all`` everything open."""
    return render(request, TEMPLATE, _context(request, request.GET))


@require_POST
@login_required
def approve(request: PageRequest, pk: int) -> HttpResponse:
    """Vote yes to what the row showed."""
    found, form = _request(request, pk), ApproveForm(request.POST)
    return _vote(
        request,
        found,
        form,
        lambda: actions.approve(
            found,
            actor=request.user,
            digest=form.cleaned_data["digest"],
            comment=form.cleaned_data["comment"],
        ),
        event="approve",
        said="Approved",
    )


@require_POST
@login_required
def reject(request: PageRequest, pk: int) -> HttpResponse:
    """Say no, with a reason."""
    found, form = _request(request, pk), RejectForm(request.POST)
    return _vote(
        request,
        found,
        form,
        lambda: actions.reject(
            found, actor=request.user, reason=form.cleaned_data["reason"]
        ),
        event="reject",
        said="Rejected",
    )


@require_POST
@login_required
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take one's own vote back."""
    found = _request(request, pk)
    attempting(request, f"{found.kind}.withdraw", found, project=found.project)
    actions.withdraw_vote(found, actor=request.user)
    messages.success(request, f"Your vote on {found} is withdrawn.")
    return redirect(_back(request))


def _vote(
    request: PageRequest,
    found: ApprovalRequest,
    form: RefusableForm,
    step: Callable[[], object],
    *,
    event: str,
    said: str,
) -> HttpResponse:
    if form.accepts(step):
        messages.success(request, f"{said}: {found}.")
        return redirect(_back(request))
    if form.refusal is not None:
        attempting(request, f"{found.kind}.{event}", found, project=found.project)
        problem = http.domain_problem(form.refusal)
        http.record_refusal(request, problem, actor=request.user)
    context = _context(request, QueryDict(request.POST.get("back", "")))
    context |= {"refused": form, "refused_pk": found.pk, "refused_on": found}
    return render(request, TEMPLATE, context, status=status_of(form))


def _context(request: PageRequest, query: QueryDict) -> dict[str, Any]:
    user = request.user
    chosen = {name: query.get(name, "") for name in FILTERS}
    shows_all = query.get("show") == "all"
    mine = query.get("show") == "mine"
    if mine:
        chosen["requester"] = user.username
    rows = selectors.open_requests(user, **chosen, eligible=not (shows_all or mine))
    page, following = page_of(selectors.with_people(rows), query)
    places = list(
        selectors.open_requests(user)
        .values_list("project", "environment__slug", "requester__username")
        .distinct()
    )
    kept = {name: value for name, value in chosen.items() if value}
    return {
        "crumbs": [{"label": "Approvals"}],
        "rows": selectors.inbox_rows(page, user),
        "next": following,
        "tabs": [
            _tab("Waiting for me", "", query, kept),
            _tab("All open", "all", query, kept),
            _tab("Mine", "mine", query, kept),
        ],
        "show": query.get("show", ""),
        "chosen": chosen,
        "is_filtered": bool(kept),
        "projects": sorted({place[0] for place in places}),
        "environments": sorted({place[1] for place in places}),
        "requesters": sorted({place[2] for place in places}),
        "back": query.urlencode(),
    }


def _tab(
    label: str, show: str, query: QueryDict, kept: dict[str, str]
) -> dict[str, Any]:
    chosen = {name: value for name, value in kept.items() if show != "mine"}
    asked = {**chosen, **({"show": show} if show else {})}
    return {
        "label": label,
        "url": f"?{urlencode(asked)}",
        "current": query.get("show", "") == show,
    }


def _request(request: PageRequest, pk: int) -> ApprovalRequest:
    rows = selectors.visible_to(request.user).select_related("environment__project")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _back(request: PageRequest) -> str:
    """Return the inbox with the filters it had."""
    query = QueryDict(request.POST.get("back", "")).urlencode()
    return (
        f"{reverse('approvals:inbox')}?{query}" if query else reverse("approvals:inbox")
    )
