"""The editor of values layers: one layer as text, and what all make together."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from environments import actions, asking, checks
from environments.desired.texts import text_digest
from environments.forms.workloads import ValuesForm
from environments.models import Environment, Tenant, Text, Workload
from environments.permissions import Permission
from environments.places import SourcePlace
from environments.selectors import last_edit_of
from environments.selectors.home import Home
from environments.selectors.layers import (
    Layer,
    layer_of,
    layers_of,
    merged,
    saved_layers,
    variables_reaching,
)
from environments.views.comparing import compared
from environments.views.frame import NEEDS, crumb, frame
from gitopshq.core.answers import show
from gitopshq.core.asking import asks
from gitopshq.core.web import PageRequest

MORE_THAN_ONE = 2
MANAGE = Permission.MANAGE_WORKLOADS


@require_http_methods(["GET", "POST"])
@login_required
@asks(asking.EDIT_VALUES)
def values(request: PageRequest, project: str, workload: str) -> HttpResponse:
    """One layer of a workload; POST saves it, or with ``do=check`` looks only."""
    page = ValuesPage(request, project, workload)
    if request.method != "POST":
        return show(request, "environments/values.html", page.context(page.fresh()))
    form = ValuesForm(request.POST)
    if request.POST.get("do") == "check":
        form.accepts(lambda: page.check(form))
    elif form.saves(page.home.project, now=page.version, step=lambda: page.save(form)):
        messages.success(request, f"Saved {page.layer.path}. The change is pending.")
        return redirect(f"{request.path}?{urlencode(page.query)}")
    return show(request, "environments/values.html", page.context(form), form)


class ValuesPage:
    """The editor of one layer, for one person."""

    def __init__(self, request: PageRequest, project: str, workload: str) -> None:
        self.request = request
        self.home = Home(request.user, project)
        self.workload: Workload = self.home.workload(workload)
        tenant, environment = request.GET.get("tenant"), request.GET.get("environment")
        self.tenant: Tenant | None = self.home.tenant(tenant) if tenant else None
        self.environment: Environment | None = (
            self.home.environment(environment) if environment else None
        )
        if self.tenant and self.environment:
            self.home.target(self.tenant.slug, self.environment.slug)
        self.target = self._target()
        reached = self.target
        self.layers = layers_of(
            self.workload,
            reached.tenant if reached else self.tenant,
            reached.environment if reached else self.environment,
        )
        self.layer: Layer = next(
            layer
            for layer in self.layers
            if (layer.tenant, layer.environment) == (self.tenant, self.environment)
        )

    @property
    def query(self) -> dict[str, str]:
        """The parameters that lead back to this page."""
        chosen = {"target": str(self.target)} if self.target else {}
        return {**self.layer.query, **chosen}

    def fresh(self) -> ValuesForm:
        """Return the form with what is saved."""
        text = self.layer.text
        return ValuesForm(initial={"text": text, "version": text_digest(text)})

    def version(self) -> str:
        """Return the digest of the layer as it is in the database."""
        found = layer_of(self.workload, self.tenant, self.environment)
        return text_digest(found.text)

    def save(self, form: ValuesForm) -> object:
        return actions.set_values(
            self.workload,
            text=form.cleaned_data["text"],
            tenant=self.tenant,
            environment=self.environment,
            actor=self.request.user,
            message=form.cleaned_data["message"],
        )

    def check(self, form: ValuesForm) -> str:
        """Return the text as it would be saved.

        :raises ValidationError: with file and line of what breaks a rule
        """
        return checks.checked_values(form.cleaned_data["text"], path=self.layer.path)

    def context(self, form: ValuesForm) -> dict[str, Any]:
        home, workload, layer = self.home, self.workload, self.layer
        slug = home.project.slug
        reaches = layer.environment
        may = home.may(MANAGE, reaches)
        place = {layer.path: [SourcePlace(layer.path)]}
        list_url = reverse("environments:workloads", args=[slug])
        own_url = reverse("environments:workload", args=[slug, workload.name])
        return {
            **frame(
                home,
                "Workloads",
                crumb("Workloads", list_url),
                crumb(workload.name, own_url),
                crumb("Values"),
            ),
            "workload": workload,
            "layer": layer,
            "layers": [self._tab(one) for one in self.layers],
            "others": self._others(),
            "target": self.target,
            "form": form,
            "may_save": may,
            "why_not": NEEDS.format(MANAGE.value),
            "last": last_edit_of(home.project, place).get(layer.path),
            "merged": self._merged(form),
            **self._comparisons(form),
        }

    def _target(self) -> Any:
        """Return the target whose layers are shown together, if there is any."""
        fitting = [
            target
            for target in self.home.targets
            if self.tenant in (None, target.tenant)
            and self.environment in (None, target.environment)
        ]
        wanted = self.request.GET.get("target")
        named = [target for target in fitting if str(target) == wanted]
        if named or len(fitting) < MORE_THAN_ONE:
            return next(iter([*named, *fitting]), None)
        bound = set(self.workload.bindings.values_list("target", flat=True))
        first = [target for target in fitting if target.pk in bound]
        return next(iter([*first, *fitting]), None)

    def _tab(self, layer: Layer) -> dict[str, Any]:
        chosen = {"target": str(self.target)} if self.target else {}
        return {
            "label": layer.label,
            "url": f"?{urlencode({**layer.query, **chosen})}",
            "current": layer == self.layer,
            "lines": layer.lines,
        }

    def _others(self) -> list[dict[str, str]]:
        """Return links to the targets of this page's chooser with a text of theirs."""
        saved = saved_layers(self.workload)
        return [
            {
                "name": str(target),
                "is_set": "set"
                if (target.tenant_id, target.environment_id) in saved
                else "",
            }
            for target in self.home.targets
        ]

    def _merged(self, form: ValuesForm) -> Any:
        if self.target is None:
            return None
        typed = self._typed(form)
        layers = [
            replace_text(one, typed) if one == self.layer and typed is not None else one
            for one in self.layers
        ]
        return merged(
            layers,
            service=self.workload.name,
            variables=variables_reaching(self.target),
        )

    def _typed(self, form: ValuesForm) -> str | None:
        """Return what was typed, where it can be read at all."""
        return form.outcome if isinstance(form.outcome, str) else None

    def _comparisons(self, form: ValuesForm) -> dict[str, Any]:
        """Return the difference to what is saved, and what somebody else saved."""
        typed = self._typed(form)
        if typed is not None:
            shown = compared(self.layer.text, typed, caption="Saved and typed")
            return {"checked": True, "difference": shown}
        if not form.is_moved:
            return {}
        mine = form.data.get("text", "").replace("\r\n", "\n")
        rows = Text.objects.filter(pk=form.shown_version)
        opened = rows.values_list("body", flat=True).first() or ""
        now = layer_of(self.workload, self.tenant, self.environment).text
        return {
            "theirs": now,
            "their_change": compared(opened, now, caption="What was saved meanwhile"),
            "my_change": compared(now, mine, caption="What saving now would change"),
        }


def replace_text(layer: Layer, text: str) -> Layer:
    """Return *layer* with another text."""
    return Layer(
        layer.name, layer.label, layer.path, text, layer.tenant, layer.environment
    )
