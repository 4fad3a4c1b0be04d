"""The policy of an environment, and its freezes."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from environments import actions, asking, policies
from environments.actions.freezes import check_terms
from environments.desired.source_layout import policy_file
from environments.forms.policy import FreezeForm, PolicyForm, WindowForm
from environments.freezing import FreezeVerdict, verdict
from environments.models import Environment, FreezeWindow
from environments.permissions import Permission
from environments.places import SourcePlace
from environments.policies import PolicyTerms, effective_policies, live_policy
from environments.policy_words import summary_of
from environments.saving import version_of
from environments.selectors import (
    Crew,
    crew_of,
    last_edit_of,
    visible_windows,
    warnings_about,
)
from environments.selectors.freezes import toggle_of, window_of
from environments.selectors.home import Home
from environments.selectors.openings import windows_reaching
from environments.views import freeze_calendar
from environments.views.frame import NEEDS, crumb, frame
from environments.views.settings import settings_pages
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.errors import NotFound
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_ENVIRONMENT
TEMPLATE = "environments/policy.html"


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.EDIT_POLICY)
def policy(request: PageRequest, project: str, environment: str) -> HttpResponse:
    """Show what an environment asks of releases; POST changes the policy.

    ``do=preview`` says what the form asks for, and saves nothing.
    """
    home = Home(request.user, project)
    place = home.environment(environment)
    if request.method != "POST":
        return show(request, TEMPLATE, _context(home, place, asked=request.GET))
    form = PolicyForm(request.POST)
    if request.POST.get("do") == "preview":
        return _say(request, home, place, form)
    if form.saves(
        home.project,
        now=lambda: version_of(live_policy(place).to_json()),
        step=lambda: actions.set_policy(
            place,
            terms=form.terms,
            actor=request.user,
            message=form.cleaned_data["message"],
        ),
    ):
        messages.success(request, "Saved. What is stricter binds at once.")
        return redirect(request.path)
    return show(request, TEMPLATE, _context(home, place, policy=form), form)


@require_POST
@login_required
@asks(asking.FREEZE)
def freeze(request: PageRequest, project: str, environment: str) -> HttpResponse:
    """Freeze the environment now, or change why and until when."""
    home = Home(request.user, project)
    place = home.environment(environment)
    form = FreezeForm(request.POST)
    if form.accepts(lambda: actions.freeze(place, actor=request.user, **form.given)):
        messages.success(request, f"{place} is frozen: nothing is deployed there.")
        return redirect(place)
    return show(request, TEMPLATE, _context(home, place, freeze=form), form)


@require_POST
@login_required
@asks(asking.UNFREEZE)
def unfreeze(request: PageRequest, project: str, environment: str) -> HttpResponse:
    """Lift the freeze that was set by hand."""
    place = Home(request.user, project).environment(environment)
    actions.unfreeze(place, actor=request.user)
    messages.success(request, f"{place} is not frozen by hand any more.")
    return redirect(place)


@require_POST
@login_required
@asks(asking.ADD_WINDOW_HERE)
def add_window(request: PageRequest, project: str, environment: str) -> HttpResponse:
    """Add a freeze window to the environment, or to the project."""
    home = Home(request.user, project)
    place = home.environment(environment)
    form = _window_form(home, request.POST)
    if request.POST.get("do") == "preview":
        return _preview(request, home, place, form)

    def step() -> object:
        tenant = form.cleaned_data["tenant"]
        return actions.add_freeze_window(
            home.project,
            terms=form.terms,
            environment=None if form.cleaned_data["whole_project"] else place,
            tenant=home.tenant(tenant) if tenant else None,
            actor=request.user,
        )

    if form.accepts(step):
        messages.success(request, f"Added the window “{form.outcome}”.")
        return redirect(place)
    return show(request, TEMPLATE, _context(home, place, window=form), form)


@require_POST
@login_required
@asks(asking.END_WINDOW)
def end_window(
    request: PageRequest, project: str, environment: str, pk: int
) -> HttpResponse:
    """Take a freeze window back from now on."""
    home = Home(request.user, project)
    place = home.environment(environment)
    window = visible_windows(request.user, home.project).filter(pk=pk).first()
    if window is None:
        raise NotFound
    actions.end_freeze_window(window, actor=request.user)
    messages.success(request, f"Ended the window “{window}”.")
    return redirect(place)


def _say(
    request: PageRequest, home: Home, place: Environment, form: PolicyForm
) -> HttpResponse:
    """Say in words what the form asks for and whether these people can meet it."""
    may = form.accepts(lambda: policies.check_terms(PolicyTerms(**form.terms)))
    live = live_policy(place)
    said = _said(place, PolicyTerms(**form.terms), live) if may else {"refused": form}
    if request.htmx:
        return render(request, "environments/_policy_says.html", {"said": said})
    context = {**_context(home, place, policy=form), "said": said}
    return show(request, TEMPLATE, context, None if may else form)


def _said(
    place: Environment,
    terms: PolicyTerms,
    live: PolicyTerms,
    *,
    crew: Crew | None = None,
) -> dict[str, Any]:
    return {
        "summary": summary_of(terms),
        "warnings": warnings_about(terms, place, crew=crew),
        "is_draft": terms != live,
    }


def _preview(
    request: PageRequest, home: Home, place: Environment, form: WindowForm
) -> HttpResponse:
    """Show what the window in the form would close; nothing is added."""
    may = form.accepts(lambda: check_terms(form.terms))
    shown = None
    if may:
        tenant = form.cleaned_data["tenant"]
        row = FreezeWindow(
            project=home.project,
            environment=place,
            tenant=home.tenant(tenant) if tenant else None,
            **asdict(form.terms),
        )
        there = list(windows_reaching(place))
        shown = freeze_calendar.preview_of(row, there, timezone.now())
    context = {**_context(home, place, window=form), "preview": shown}
    return show(request, TEMPLATE, context, None if may else form)


def _context(
    home: Home, place: Environment, *, asked: QueryDict | None = None, **forms: Any
) -> dict[str, Any]:
    terms, now = live_policy(place), timezone.now()
    windows, crew = list(windows_reaching(place)), crew_of(place)
    file = policy_file(place.slug)
    fresh = {
        "policy": PolicyForm(
            initial={**terms.to_json(), "version": version_of(terms.to_json())}
        ),
        "freeze": FreezeForm(initial={"reason": place.freeze_reason}),
        "window": _window_form(home),
    }
    return {
        **frame(home, "Settings", crumb("Policies"), crumb(place.slug)),
        "pages": settings_pages(home, "Policies"),
        "environment": place,
        "environments": _links(home, place),
        "forms": {**fresh, **forms},
        "summary": summary_of(terms),
        "said": _said(place, terms, terms, crew=crew),
        "approvers": crew.approvers,
        "stricter": _stricter(home, place, terms),
        "verdict": _verdict(place, windows, now),
        **freeze_calendar.context(windows, _tenants(home), asked or QueryDict(), now),
        "now": now,
        "last": last_edit_of(home.project, {file: [SourcePlace(file)]}).get(file),
        "may_manage": home.may(MANAGE, place),
        "may_project": home.may(MANAGE),
        "why_not": NEEDS.format(MANAGE.value),
    }


def _links(home: Home, place: Environment) -> list[dict[str, Any]]:
    return [
        {
            "label": row.slug,
            "url": reverse("environments:policy", args=[home.project.slug, row.slug]),
            "current": row.pk == place.pk,
        }
        for row in home.environments
    ]


def _stricter(
    home: Home, place: Environment, terms: PolicyTerms
) -> list[dict[str, str]]:
    """Return the targets in which a stricter policy than this one still binds."""
    targets = [t for t in home.targets if t.environment_id == place.pk]
    effective = effective_policies(targets)
    return [
        {"target": str(target), "says": summary_of(effective[target.pk])}
        for target in targets
        if effective[target.pk] != terms
    ]


def _verdict(
    place: Environment, windows: Iterable[FreezeWindow], now: datetime
) -> FreezeVerdict:
    """Say whether the environment as a whole is frozen: for all tenants."""
    reaching = [window_of(row) for row in windows if row.tenant_id is None]
    return verdict(toggle_of(place), reaching, now)


def _window_form(home: Home, data: Any = None) -> WindowForm:
    zone = home.user.time_zone or "UTC"
    return WindowForm(data, tenants=_tenants(home), initial={"time_zone": zone})


def _tenants(home: Home) -> list[str]:
    return sorted({target.tenant.slug for target in home.live_targets})
