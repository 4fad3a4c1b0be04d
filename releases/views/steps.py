"""The steps people take with a release: one view a verb, one action a view."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from approvals import actions as approvals
from approvals.models import ApprovalRequest
from approvals.subjects import request_for
from delivery import rendering_requests
from environments import access
from environments.permissions import Permission
from gitopshq.core import answers
from gitopshq.core.asking import asks
from gitopshq.core.errors import InvalidState
from gitopshq.core.models import User
from gitopshq.core.web import PageRequest
from releases import actions, asking
from releases.actions.editing import KEEP
from releases.forms import CancelForm, ReleaseForm, VoteForm
from releases.models import Release, Status
from releases.selectors import visible_release
from releases.selectors.release_page import release_page
from releases.selectors.target_page import target_page
from releases.views import _release, _target
from releases.views._acts import acts_of
from releases.views._doors import go
from releases.views.releases import crumbs, show

RENDER_SECONDS: Final = 3.0


def _submit(release: Release, user: User) -> Release:
    return actions.submit_release(release, actor=user)


def _deploy(release: Release, user: User) -> Release:
    return actions.deploy_release(release, actor=user)


def _retry(release: Release, user: User) -> Release:
    return actions.retry_release(release, actor=user)


def _refresh(release: Release, user: User) -> Release:
    return actions.refresh_release(release, actor=user)


def _recreate(release: Release, user: User) -> Release:
    return actions.recreate_release(release, actor=user)


def _withdraw(release: Release, user: User) -> Release:
    approvals.withdraw_vote(_request_of(release, "voted on"), actor=user)
    return release


def _complete(release: Release, user: User) -> Release:
    approvals.complete_approval(_request_of(release, "approved"), actor=user)
    return release


Step = Callable[[Release, User], Release]
STEPS: Final[dict[str, tuple[Step, str]]] = {
    "submit": (_submit, "{0} was submitted."),
    "deploy": (_deploy, "The deployment of {0} has started."),
    "retry": (_retry, "{0} is being deployed again."),
    "refresh": (_refresh, "{0} was cut again from current source."),
    "recreate": (_recreate, "{0} was made anew."),
    "withdraw-vote": (_withdraw, "Your vote on {0} was taken back."),
    "complete-approval": (_complete, "{0} is approved."),
}
_RENDERS: Final = ("refresh", "recreate")


@require_POST
@login_required
@asks(asking.STEP)
def step(request: PageRequest, project: str, number: int, verb: str) -> HttpResponse:
    """Take one of ``STEPS``."""
    release = visible_release(request.user, project=project, number=number)
    take, said = STEPS[verb]
    taken = take(release, request.user)
    if verb in _RENDERS:
        rendering_requests.wait_for(taken.rendering, seconds=RENDER_SECONDS)
    return _taken(request, release, taken, said.format(taken.name))


@require_POST
@login_required
@asks(asking.VOTE)
def vote(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Approve what was shown, or reject it."""
    release = visible_release(request.user, project=project, number=number)
    form = VoteForm(request.POST)
    if not form.is_valid():
        why = " ".join(str(said[0]) for said in form.errors.values())
        messages.error(request, f"Your vote was not taken. {why}")
        return go(request, release.get_absolute_url())
    given = form.cleaned_data
    verb = given["vote"]
    asked = _request_of(release, "approved" if verb == "approve" else "rejected")
    if verb == "approve":
        approvals.approve(
            asked,
            actor=request.user,
            digest=given["digest"],
            comment=given["comment"],
        )
        said = f"You approved {release.name}."
    else:
        approvals.reject(asked, actor=request.user, reason=given["comment"])
        said = f"You rejected {release.name}; its changes are free again."
    return _taken(request, release, release, said)


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.CANCEL)
def cancel(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Ask for a reason and say what will become of the changes; then cancel."""
    release = visible_release(request.user, project=project, number=number)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.cancel_release(
            release, actor=request.user, reason=form.cleaned_data["reason"]
        )
        messages.success(request, f"{release.name} was cancelled.")
        return go(request, release.get_absolute_url())
    page = release_page(release, request.user)
    context = {
        "release": release,
        "target": release.target,
        "project": release.project,
        "acts": acts_of(page),
        "crumbs": [*crumbs(release), {"label": "Cancel"}],
        "form": form,
        "consequences": _release.consequences_of_cancelling(page),
        "refused": "" if "cancel" in page.actions else _over(release),
    }
    return render(request, "releases/cancel.html", context)


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.EDIT)
def edit(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Change a draft: its words and plan, or what it takes along."""
    release = visible_release(request.user, project=project, number=number)
    # The form is for those who may send it; opening it is no attempt.
    access.require(request.user, Permission.CREATE_RELEASE, on=release.target)
    form = ReleaseForm(request.POST or None, initial=_release.words(release))
    was_sent = request.method == "POST" and "include" not in request.POST
    if was_sent and form.accepts(lambda: _edited(request, release, form)):
        messages.success(request, f"{release.name} was saved.")
        return go(request, release.get_absolute_url())
    if release.status != Status.DRAFT:
        raise InvalidState(noun="release", participle="edited")
    page = target_page(release.target, request.user, besides=release)
    ticked = (
        _target.ticks(page.pool, request.POST)
        if request.method == "POST"
        else set(release.changes.values_list("change_id", flat=True))
    )
    context = {
        **_target.context(release.target, page, ticked=ticked, user=request.user),
        "crumbs": [*crumbs(release), {"label": "Edit"}],
        "release": release,
        "form": form,
        "problems": form.problems,
        "may_create": True,
    }
    return answers.show(
        request, "releases/edit.html", context, form if was_sent else None
    )


def _edited(request: PageRequest, release: Release, form: ReleaseForm) -> Release:
    chosen = _target.selection(request.POST)
    return actions.edit_release(
        release,
        actor=request.user,
        changed=form.cleaned_data,
        change_ids=KEEP if release.rollback_to else _moved(release, chosen),
    )


def _moved(release: Release, chosen: list[str]) -> list[str] | None:
    """Return the selection if it differs from what the release holds, else None."""
    held = {
        f"{change}@{revision}"
        for change, revision in release.changes.values_list("change_id", "revision")
    }
    return chosen if set(chosen) - held or len(chosen) < len(held) else None


def _over(release: Release) -> str:
    refusal = InvalidState(noun="release", participle="cancelled")
    return f"{refusal}: {release.get_status_display()}"


def _request_of(release: Release, participle: str) -> ApprovalRequest:
    asked = request_for(release)
    if asked is None:
        raise InvalidState(noun="release", participle=participle)
    return asked


def _taken(
    request: PageRequest, before: Release, after: Release, said: str
) -> HttpResponse:
    """Show the release after a step; a release made anew has a page of its own."""
    messages.success(request, said)
    if request.htmx and after.pk == before.pk:
        return show(
            request,
            visible_release(
                request.user, project=after.project.slug, number=after.number
            ),
        )
    return go(request, after.get_absolute_url())
