"""Tenants, environments and targets of a project: lists with one form beside them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from environments import actions, asking
from environments.models import Environment, Tenant
from environments.selectors.home import Home
from environments.views.place_kinds import (
    EnvironmentKind,
    Kind,
    TargetKind,
    TenantKind,
)
from environments.views.settings import settings_frame
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.named_pages import page_by_name
from gitopshq.core.web import PageRequest

TEMPLATE = "environments/places.html"
STEPS: dict[str, Callable[..., object]] = {
    "archive": actions.archive,
    "restore": actions.restore,
}


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.CHANGE_TENANT)
def tenants(request: PageRequest, project: str) -> HttpResponse:
    """Show the tenants; POST makes one, or with ``?edit=`` changes one."""
    return _list(request, TenantKind(Home(request.user, project)))


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.CHANGE_STAGE)
def environments(request: PageRequest, project: str) -> HttpResponse:
    """Show the environments; POST makes one, or with ``?edit=`` changes one."""
    return _list(request, EnvironmentKind(Home(request.user, project)))


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.EDIT_TARGETS)
def targets(request: PageRequest, project: str) -> HttpResponse:
    """Show the targets; POST makes one, or with ``?edit=`` changes one."""
    return _list(request, TargetKind(Home(request.user, project), request.GET))


@require_POST
@login_required
@asks(asking.CHANGE_TENANT)
def put_tenant(
    request: PageRequest, project: str, slug: str, step: str
) -> HttpResponse:
    """Archive a tenant, or restore it."""
    row = Home(request.user, project).tenant(slug)
    return _put(request, row, step, "environments:tenants")


@require_POST
@login_required
@asks(asking.CHANGE_STAGE)
def put_environment(
    request: PageRequest, project: str, slug: str, step: str
) -> HttpResponse:
    """Archive an environment, or restore it."""
    row = Home(request.user, project).environment(slug)
    return _put(request, row, step, "environments:environments")


def _list(request: PageRequest, kind: Kind) -> HttpResponse:
    asked = request.GET.get("edit", "")
    chosen = kind.find(asked) if asked else None
    form = kind.form(chosen)
    if request.method == "POST":
        form = kind.form(chosen, request.POST)
        if form.saves(
            kind.home.project,
            now=lambda: kind.version(kind.fresh(chosen)),
            step=lambda: kind.save(form, chosen),
        ):
            messages.success(request, f"Saved {form.outcome}.")
            return redirect(request.path)
    context = {
        **settings_frame(kind.home, kind.label),
        "kind": kind,
        "columns": kind.columns,
        "named": page_by_name(kind.rows(), request.GET, name=_name_of),
        "form": form,
        "chosen": chosen,
        "edited": str(chosen) if chosen else "",
        "now": kind.facts(kind.fresh(chosen)) if form.is_moved and chosen else {},
        "may_add": kind.may_add,
        "may_save": kind.may_edit(chosen) if chosen else kind.may_add,
        "why_not": kind.why_not,
    }
    return show(request, TEMPLATE, context, form)


def _name_of(shown: dict[str, Any]) -> str:
    return str(shown["name"])


def _put(
    request: PageRequest, row: Tenant | Environment, step: str, back: str
) -> HttpResponse:
    STEPS[step](row, actor=request.user)
    messages.success(request, f"{row}: {step}d.")
    return redirect(back, row.project.slug)
