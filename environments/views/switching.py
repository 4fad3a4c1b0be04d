"""Turning a workload on or off in a scope: what changes, a preview, and doing it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from environments import actions, asking, trials
from environments.forms.switching import ON, SwitchForm
from environments.models import KustomizeBinding, TenantEnvironment
from environments.permissions import Permission
from environments.selectors.home import Home
from environments.views.frame import NEEDS, crumb, frame
from environments.views.trying import shown_trial
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_WORKLOADS
TEMPLATE = "environments/switch.html"


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.BIND_SOMEWHERE)
def switch(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """Show what a switch would change; POST does it, or renders it for one target."""
    page = SwitchPage(request, project, workload)
    form = page.form
    if request.method == "POST" and "preview" in request.POST:
        form.is_valid()
        context = page.context(page.tried(request.POST["preview"]))
        return show(request, TEMPLATE, context, form)
    if request.method == "POST" and form.accepts(page.act):
        there = (
            ", ".join(str(target) for target in form.outcome) or "nowhere: as it was"
        )
        messages.success(request, f"{page.workload} is {page.word} in {there}.")
        return redirect("environments:workload", project, workload)
    return show(request, TEMPLATE, page.context(), form)


class SwitchPage:
    """One switch of one workload, for one person."""

    def __init__(self, request: PageRequest, project: str, workload: str) -> None:
        self.request = request
        self.home = Home(request.user, project)
        self.workload = self.home.workload(workload)
        self.bound = set(self.workload.bindings.values_list("target", flat=True))
        self.asked = request.POST if request.method == "POST" else request.GET
        self.form = SwitchForm(
            request.POST if request.method == "POST" else None,
            scopes=scopes(self.home),
            initial={
                "scope": self.asked.get("scope", "/"),
                "to": self.asked.get("to", ON),
            },
        )

    @property
    def is_on(self) -> bool:
        """Whether the switch turns on."""
        return self.asked.get("to", ON) == ON

    @property
    def word(self) -> str:
        return "on" if self.is_on else "off"

    @property
    def targets(self) -> list[TenantEnvironment]:
        """The live targets of the scope; none for a scope that is none."""
        scope = self.asked.get("scope", "/")
        tenant, _, environment = scope.partition("/")
        return [
            target
            for target in self.home.live_targets
            if tenant in ("", target.tenant.slug)
            and environment in ("", target.environment.slug)
        ]

    def act(self) -> list[TenantEnvironment]:
        """Take the step in every target of the scope."""
        return actions.switch_workload(
            self.workload,
            targets=self.targets,
            on=self.is_on,
            actor=self.request.user,
            message=self.form.cleaned_data["message"],
        )

    def tried(self, name: str) -> trials.Tried | None:
        """Render the switch in one target that this person may edit."""
        found = [one for one in self.targets if str(one) == name and self._may(one)]
        if not found or not self._moves(found[0]):
            return None
        return trials.try_presence(found[0], self.workload, on=self.is_on)

    def context(self, tried: trials.Tried | None = None) -> dict[str, Any]:
        """Return everything the template needs."""
        slug, name = self.home.project.slug, self.workload.name
        attached = KustomizeBinding.objects.filter(workload=self.workload, is_on=True)
        overlays = {one.target_id: one for one in attached}
        rows = [
            {
                "target": target,
                "is_on": target.pk in self.bound,
                "moves": self._moves(target),
                "may": self._may(target),
                "overlay": None if self.is_on else overlays.get(target.pk),
            }
            for target in self.targets
        ]
        moving = [row for row in rows if row["moves"]]
        return {
            **frame(
                self.home,
                "Workloads",
                crumb("Workloads", reverse("environments:workloads", args=[slug])),
                crumb(name, reverse("environments:workload", args=[slug, name])),
                crumb(f"Turn {self.word}"),
            ),
            "workload": self.workload,
            "form": self.form,
            "word": self.word,
            "rows": rows,
            "moving": len(moving),
            "may": bool(moving) and all(row["may"] for row in moving),
            "why_not": NEEDS.format(MANAGE.value)
            if moving
            else f"It is {self.word} in all of them already",
            "trial": shown_trial(tried) if tried else None,
        }

    def _moves(self, target: TenantEnvironment) -> bool:
        return (target.pk in self.bound) != self.is_on

    def _may(self, target: TenantEnvironment) -> bool:
        return self.home.may(MANAGE, target.environment)


def scopes(home: Home) -> list[tuple[str, str]]:
    """Return the scopes of a project that hold live targets, broad to narrow."""
    live = home.live_targets
    stages = dict.fromkeys(target.environment.slug for target in live)
    tenants = dict.fromkeys(target.tenant.slug for target in live)
    return [
        ("/", "Everywhere"),
        *((f"/{slug}", f"Environment {slug}") for slug in stages),
        *((f"{slug}/", f"Tenant {slug}") for slug in tenants),
        *((str(target), str(target)) for target in live),
    ]
