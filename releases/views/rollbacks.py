"""Going back: the form, its preview, and the history of a target one goes back in."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from environments import access
from environments.permissions import Permission
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest
from releases import actions, asking, previewing
from releases.forms import RollbackForm
from releases.models import Release
from releases.once import once
from releases.rollbacks import refuse_other_states
from releases.selectors import visible_release
from releases.selectors.rollback_page import rollback_page
from releases.views import _rollback
from releases.views._doors import go
from releases.views._looking import Look, remembering
from releases.views._target import preview_source
from releases.views._viewer import part_of
from releases.views.releases import crumbs

KEPT_FORM = "rollback_form"


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.ROLL_BACK_HERE)
def roll_back(request: PageRequest, project: str, number: int) -> HttpResponse:
    """Choose what goes back; POST makes the release, or with ``do=preview`` looks."""
    to = visible_release(request.user, project=project, number=number)
    # The form is for those who may send it; what is over is told to them alone.
    access.require(request.user, Permission.CREATE_RELEASE, on=to.target.environment)
    refuse_other_states(to)
    page = rollback_page(to)
    kept = request.session.get(KEPT_FORM, {}).get(str(to.pk))
    posted = request.POST if request.method == "POST" else None
    data = posted if posted is not None else QueryDict(kept) if kept else None
    form = RollbackForm(
        data,
        initial=_rollback.initial(page),
        services=page.services,
        places=[_rollback.place_of(field) for field in page.fields],
    )
    if posted is not None and posted.get("do") == "preview":
        if form.accepts(lambda: previewing.preview_rollback(to, form.reversal())):
            _keep(request, to)
            where = [project, number, form.outcome.snapshot.digest]
            return go(request, reverse("releases:rollback_preview", args=where))
    elif posted is not None and form.accepts(lambda: _made_once(request, to, form)):
        _forget(request, to)
        return go(request, form.outcome)
    context = {
        **_rollback.context(page, form),
        "crumbs": [*crumbs(to), {"label": "Roll back"}],
        "token": (data.get("token") if data else "") or uuid.uuid4().hex,
    }
    shown = form if posted is not None else None
    return show(request, "releases/rollback.html", context, shown)


@require_GET
@login_required
@remembering
def preview(
    request: PageRequest, project: str, number: int, snapshot: str
) -> HttpResponse:
    """Show what going back would ship, by its three diffs, before it exists."""
    to = visible_release(request.user, project=project, number=number)
    found = previewing.find(to.target, snapshot)
    url = reverse("releases:rollback_preview", args=[project, number, snapshot])
    look, source = Look.of(request), preview_source(to.target, found, url)
    way = [*crumbs(to), {"label": "Roll back", "url": url}]
    name = f"rollback to {to.name}"
    if part := part_of(request, source, look, name=name, crumbs=way):
        return part
    context = _rollback.preview_context(to, found, look, request.user, url=url)
    template = f"releases/{'_preview' if request.htmx else 'rollback_preview'}.html"
    kept = request.session.get(KEPT_FORM, {}).get(str(to.pk), "")
    return render(
        request,
        template,
        {
            **context,
            "crumbs": way,
            "kept": list(QueryDict(kept).lists()),
        },
    )


def _made_once(request: PageRequest, to: Release, form: RollbackForm) -> str:
    return once(
        request.user,
        path=request.path,
        token=request.POST.get("token", ""),
        work=lambda: _made(request, to, form),
    )


def _made(request: PageRequest, to: Release, form: RollbackForm) -> str:
    release = actions.roll_back_release(
        to,
        actor=request.user,
        reversal=form.reversal(),
        title=form.cleaned_data["title"],
        notes=form.cleaned_data["notes"],
    )
    messages.success(request, f"{release.name} was created. It goes back to {to.name}.")
    return release.get_absolute_url()


def _keep(request: PageRequest, to: Release) -> None:
    kept = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "do"):
        kept.pop(name, None)
    request.session.setdefault(KEPT_FORM, {})[str(to.pk)] = kept.urlencode()
    request.session.modified = True


def _forget(request: PageRequest, to: Release) -> None:
    """Drop what was kept for the preview: the release is made."""
    if request.session.get(KEPT_FORM, {}).pop(str(to.pk), None):
        request.session.modified = True
