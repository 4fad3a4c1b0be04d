"""Votes from the inbox: on one request, or on several, each decided alone."""

from typing import Final
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from approvals import actions, asking, selectors
from approvals.forms import ApproveForm, BulkForm, RejectForm
from approvals.models import ApprovalRequest
from approvals.views.inbox import item_of, show
from gitopshq.core import answers
from gitopshq.core.asking import ONE_BY_ONE, asks
from gitopshq.core.errors import NotFound
from gitopshq.core.forms import RefusableForm
from gitopshq.core.models import User
from gitopshq.core.refusals import attempting
from gitopshq.core.web import PageRequest

_DONE: Final = {"approve": "approved", "reject": "rejected"}


@require_POST
@login_required
@asks(asking.APPROVE)
def approve(request: PageRequest, pk: int) -> HttpResponse:
    """Vote yes to what the row showed."""
    found = selectors.visible_request(request.user, pk)
    return _voted(request, found, ApproveForm(request.POST))


@require_POST
@login_required
@asks(asking.REJECT)
def reject(request: PageRequest, pk: int) -> HttpResponse:
    """Say no, with a reason."""
    found = selectors.visible_request(request.user, pk)
    return _voted(request, found, RejectForm(request.POST))


@require_POST
@login_required
@asks(asking.WITHDRAW)
def withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take one's own vote back."""
    found = selectors.visible_request(request.user, pk)
    actions.withdraw_vote(found, actor=request.user)
    messages.success(request, f"Your vote on {found} is withdrawn.")
    return _back(request, after=found.pk)


@require_POST
@login_required
@asks(ONE_BY_ONE)
def decide(request: PageRequest) -> HttpResponse:
    """Approve or reject what was ticked: each by itself, and each is reported."""
    form = BulkForm(request.POST)
    ticked = request.POST.getlist("item")
    if not form.is_valid():
        _look_as_before(request)
        return show(request, refusal=form.why_not, ticked=ticked)
    refused, after = [], None
    for pk, digest in form.cleaned_data["item"]:
        try:
            found = selectors.visible_request(request.user, pk)
        except NotFound as absent:
            refused.append(str(absent))
            continue
        after = found.pk
        if why := _decide(request, found, form.vote_on(digest)):
            refused.append(f"{found}: {why}")
    done = _DONE[form.cleaned_data["decision"]]
    said = f"{len(form.cleaned_data['item']) - len(refused)} {done}"
    if refused:
        messages.warning(request, f"{said}, {len(refused)} refused: {_list(refused)}")
    else:
        messages.success(request, f"{said}.")
    return _back(request, after=after)


def _list(refused: list[str]) -> str:
    return "; ".join(refused)


def _voted(
    request: PageRequest, found: ApprovalRequest, form: ApproveForm | RejectForm
) -> HttpResponse:
    """Answer one vote: with the row behind it, or with why it was not taken."""
    if not _decide(request, found, form):
        messages.success(request, f"You {_DONE[form.ids]} {found}.")
        return _back(request, after=found.pk)
    _look_as_before(request)
    return show(request, item=item_of(request), refused=form, refused_on=found)


def _decide(
    request: PageRequest, found: ApprovalRequest, form: ApproveForm | RejectForm
) -> str:
    """Take a vote; return why it was refused, or nothing. Refusals are recorded."""
    if form.accepts(lambda: _act(found, form, request.user)):
        return ""
    if form.refusal is not None:
        event = f"{found.kind}.{form.ids}"
        attempting(request, event, found, project=found.project)
        answers.record(request, form.refusal)
        return str(form.refusal)
    return "; ".join(str(why) for errors in form.errors.values() for why in errors)


def _act(found: ApprovalRequest, form: RefusableForm, actor: User) -> ApprovalRequest:
    given = form.cleaned_data
    if isinstance(form, RejectForm):
        return actions.reject(found, actor=actor, reason=given["comment"])
    return actions.approve(
        found, actor=actor, digest=given["digest"], comment=given["comment"]
    )


def _back(request: PageRequest, *, after: int | None) -> HttpResponse:
    """Return to the inbox with the filters it had, at the row behind *after*."""
    _look_as_before(request, after=after)
    if request.htmx:
        return show(request, item=item_of(request))
    query = request.GET.urlencode()
    return redirect(f"{reverse('approvals:inbox')}{'?' if query else ''}{query}")


def _look_as_before(request: PageRequest, *, after: int | None = None) -> None:
    """Give the request the query of the inbox that its form stood on.

    With htmx the address may have moved on since the form was drawn.
    """
    shown = request.htmx.current_url if request.htmx else None
    back = urlsplit(shown).query if shown else request.POST.get("back", "")
    query = QueryDict(back, mutable=True)
    for name in ("after", "ticked"):
        query.pop(name, None)
    if after is not None:
        query["after"] = str(after)
    request.GET = QueryDict(query.urlencode())
