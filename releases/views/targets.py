"""The page of a target: pending changes, the form for a release, what runs here."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from environments import actions as environment_actions
from environments import asking as edit_asking
from environments.models import TenantEnvironment
from environments.permissions import Permission
from environments.selectors import visible_workload, visible_workloads
from gitopshq.core import answers
from gitopshq.core.asking import asks
from gitopshq.core.live import live
from gitopshq.core.web import PageRequest
from releases import actions, asking, previewing
from releases.forms import BindForm, ReleaseForm
from releases.once import once
from releases.selectors import visible_target
from releases.selectors.target_page import (
    TargetPage,
    page_of_target_at,
    target_page,
)
from releases.views import _target
from releases.views._doors import go, target_crumbs
from releases.views._looking import Look, remembering
from releases.views._viewer import part_of
from releases.views._words import suggested_title

KEPT_WORDS = "release_form"


@require_GET
@login_required
def show(
    request: PageRequest, project: str, tenant: str, environment: str
) -> HttpResponse:
    """Show the target; what was typed before a preview is still there."""
    page = page_of_target_at(
        request.user, project=project, tenant=tenant, environment=environment
    )
    target = page.pool.target
    kept = request.session.get(KEPT_WORDS, {}).get(str(target.pk))
    if kept:
        posted = QueryDict(kept)
        return _shown(request, target, page, posted, form=ReleaseForm(posted))
    return _shown(request, target, page)


@require_POST
@login_required
@asks(asking.CREATE_HERE)
def create(
    request: PageRequest, project: str, tenant: str, environment: str
) -> HttpResponse:
    """Create a release, or preview it, or only tick what a change needs."""
    target = _target_of(request, project, tenant, environment)
    if request.POST.get("do") == "preview":
        return _preview(request, target)
    form = ReleaseForm(request.POST)
    if "include" not in request.POST and form.accepts(
        lambda: _made_once(request, target, form)
    ):
        _forget(request, target)
        return go(request, form.outcome)
    page = target_page(target, request.user)
    return _shown(request, target, page, request.POST, form=form)


@require_GET
@login_required
@live
@remembering
def preview(
    request: PageRequest, project: str, tenant: str, environment: str, snapshot: str
) -> HttpResponse:
    """Show what a release of these changes would ship, before there is one."""
    target = _target_of(request, project, tenant, environment)
    found = previewing.find(target, snapshot)
    kept = request.session.get(KEPT_WORDS, {}).get(str(target.pk), "")
    url = reverse("releases:preview", args=[*_where(target), snapshot])
    look, source = Look.of(request), _target.preview_source(target, found, url)
    way = target_crumbs(target, {"label": "Preview", "url": url})
    name = f"preview of {target}"
    if part := part_of(request, source, look, name=name, crumbs=way):
        return part
    context = _target.preview_context(target, found, look, request.user, url=url)
    return render(
        request,
        f"releases/{'_preview' if request.htmx else 'preview'}.html",
        {
            **context,
            "crumbs": way,
            "kept": list(QueryDict(kept).lists()),
        },
    )


@require_POST
@login_required
@asks(edit_asking.BIND_HERE)
def bind(
    request: PageRequest, project: str, tenant: str, environment: str
) -> HttpResponse:
    """Put a workload into the target."""
    target = _target_of(request, project, tenant, environment)
    seen = visible_workloads(request.user, target.project)
    form = BindForm(request.POST, workloads=seen)
    if form.is_valid():
        workload = form.cleaned_data["workload"]
        environment_actions.bind_workload(workload, to=target, actor=request.user)
        messages.success(request, f"{workload} is pending for {target}.")
    return go(request, f"{target.get_absolute_url()}#here")


@require_POST
@login_required
@asks(edit_asking.BIND)
def unbind(
    request: PageRequest, project: str, tenant: str, environment: str, workload: str
) -> HttpResponse:
    """Take a workload out of the target."""
    target = _target_of(request, project, tenant, environment)
    found = visible_workload(request.user, project, workload)
    environment_actions.unbind_workload(found, from_=target, actor=request.user)
    messages.success(request, f"{found} leaves {target} with its next release.")
    return go(request, f"{target.get_absolute_url()}#here")


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.DISCARD)
def discard(
    request: PageRequest, project: str, tenant: str, environment: str, change: str
) -> HttpResponse:
    """Ask first; POST writes the deployed value of one pending change back."""
    target = _target_of(request, project, tenant, environment)
    if request.method != "POST":
        page = target_page(target, request.user)
        context = _target.discard_context(target, page, change)
        crumbs = target_crumbs(target, {"label": "Discard"})
        return render(request, "releases/discard.html", {**context, "crumbs": crumbs})
    actions.discard_change(target, actor=request.user, change=change)
    messages.success(request, "The change was discarded: the deployed value is back.")
    return go(request, target.get_absolute_url())


def _made_once(
    request: PageRequest, target: TenantEnvironment, form: ReleaseForm
) -> str:
    return once(
        request.user,
        path=request.path,
        token=request.POST.get("token", ""),
        work=lambda: _made(request, target, form),
    )


def _made(request: PageRequest, target: TenantEnvironment, form: ReleaseForm) -> str:
    release = actions.create_release(
        target,
        actor=request.user,
        content=form.content(),
        change_ids=_target.selection(request.POST),
    )
    messages.success(request, f"{release.name} was created.")
    return release.get_absolute_url()


def _preview(request: PageRequest, target: TenantEnvironment) -> HttpResponse:
    found = previewing.preview(target, change_ids=_target.selection(request.POST))
    kept = request.POST.copy()
    for name in ("csrfmiddlewaretoken", "do"):
        kept.pop(name, None)
    forms = request.session.setdefault(KEPT_WORDS, {})
    forms[str(target.pk)] = kept.urlencode()
    request.session.modified = True
    where = [*_where(target), found.snapshot.digest]
    return go(request, reverse("releases:preview", args=where))


def _shown(
    request: PageRequest,
    target: TenantEnvironment,
    page: TargetPage,
    posted: QueryDict | None = None,
    *,
    form: ReleaseForm | None = None,
) -> HttpResponse:
    """Show the page; *posted* is a form to go on with."""
    ticked = _target.ticks(page.pool, posted)
    rows = [row for row in page.pool.rows if row.change.id in ticked]
    is_first = page.pool.deployed is None
    if form is None:
        title = suggested_title(rows, is_first=is_first, at=str(target))
        form = ReleaseForm(initial={"title": title})
    context: dict[str, Any] = {
        **_target.context(target, page, ticked=ticked, user=request.user),
        "crumbs": target_crumbs(target),
        "form": form,
        "problems": form.problems,
        "token": (posted.get("token") if posted else "") or uuid.uuid4().hex,
        "may_create": Permission.CREATE_RELEASE in page.rights,
    }
    was_sent = request.method == "POST" and "include" not in request.POST
    return answers.show(
        request, "releases/target.html", context, form if was_sent else None
    )


def _target_of(
    request: PageRequest, project: str, tenant: str, environment: str
) -> TenantEnvironment:
    return visible_target(
        request.user, project=project, tenant=tenant, environment=environment
    )


def _where(target: TenantEnvironment) -> list[str]:
    return [target.project.slug, target.tenant.slug, target.environment.slug]


def _forget(request: PageRequest, target: TenantEnvironment) -> None:
    """Drop what was kept for the preview: the release is made."""
    if request.session.get(KEPT_WORDS, {}).pop(str(target.pk), None):
        request.session.modified = True
