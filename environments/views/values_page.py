"""What the editor of one values layer shows, for one person.

What is typed is checked and tried here; saving is the view's.
"""

from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from environments import checks, trials
from environments.desired.schema_forms import read_schema
from environments.desired.scoping import VariableIndex
from environments.desired.texts import TextRefused, clean_text, text_digest
from environments.desired.values import Path, pointer
from environments.forms.workloads import ValuesForm
from environments.models import Environment, Tenant, TenantEnvironment, Workload
from environments.permissions import Permission
from environments.places import SourcePlace
from environments.selectors import last_edit_of
from environments.selectors.history import text_held
from environments.selectors.home import Home
from environments.selectors.layers import (
    CHART,
    ChartTexts,
    Layer,
    chart_texts,
    index_of,
    layer_of,
    layers_of,
)
from environments.selectors.merged import MergedValue, MergedValues, merged
from environments.views.comparing import compared
from environments.views.frame import NEEDS, crumb, frame
from environments.views.reviews import Review
from environments.views.schema_form import SchemaForm
from environments.views.trying import marked_lines, shown_trial
from environments.views.two_texts import TwoTexts
from gitopshq.core.errors import FieldError
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_WORKLOADS


class ValuesPage:
    """The editor of one layer, for one person."""

    def __init__(self, request: PageRequest, project: str, workload: str) -> None:
        self.request = request
        self.home = Home(request.user, project)
        self.workload: Workload = self.home.workload(workload)
        self.is_chart = request.GET.get("layer") == CHART
        self.before_taking = ""
        self.review: Review | None = None
        self._form: SchemaForm | None = None
        self._bound = {
            row.target_id: row.chart_version or self.workload.chart_version
            for row in self.workload.bindings.select_related("chart_version")
        }
        tenant, environment = self._place()
        self.tenant: Tenant | None = self.home.tenant(tenant) if tenant else None
        self.environment: Environment | None = (
            self.home.environment(environment) if environment else None
        )
        if self.tenant and self.environment:
            self.home.target(self.tenant.slug, self.environment.slug)
        self.target = self._target()
        reached = self.target
        self.layers = [
            self.chart.layer,
            *layers_of(
                self.workload,
                reached.tenant if reached else self.tenant,
                reached.environment if reached else self.environment,
            ),
        ]
        self.layer: Layer = next(
            layer
            for layer in self.layers
            if (layer.tenant, layer.environment) == (self.tenant, self.environment)
            and (layer.name == CHART) == self.is_chart
        )

    @cached_property
    def chart(self) -> ChartTexts:
        """The texts of the version that runs in the chosen target."""
        own = self.workload.chart_version
        version = self._bound.get(self.target.pk, own) if self.target else own
        return chart_texts(version)

    @property
    def query(self) -> dict[str, str]:
        """The parameters that lead back to this page."""
        return self._query(self.layer)

    @property
    def may_save(self) -> bool:
        """Whether this person may save the layer."""
        return not self.is_chart and self.home.may(MANAGE, self.layer.environment)

    @property
    def problems(self) -> list[FieldError]:
        """What of the form could not be put into the text."""
        if self._form is None:
            return []
        return [
            FieldError(pointer(path), "invalid", f"{'.'.join(path)}: {said}")
            for path, said in self._form.filled.problems.items()
        ]

    def fresh(self) -> ValuesForm:
        """Return the form with what is saved."""
        text = self.layer.text
        return ValuesForm(initial={"text": text, "version": text_digest(text)})

    def typed(self, posted: QueryDict) -> ValuesForm:
        """Return the form as it was sent, with what the fields say put into it."""
        form = ValuesForm(posted)
        schema = read_schema(self.chart.schema)
        if schema is None:
            return form
        try:
            text = clean_text(posted.get("text", ""), path=self.layer.path)
        except TextRefused:
            return form  # saving and checking say so themselves
        self._form = SchemaForm(schema, text, self._broader, posted)
        filled = self._form.filled.text
        return form if filled == text else self.with_text(form, filled)

    def with_text(self, form: ValuesForm, text: str) -> ValuesForm:
        """Return the form with another text, and fields that tell what it says."""
        data = form.data.copy()
        data["text"] = text
        if self._form is not None and not self._form.filled.problems:
            self._form = SchemaForm(self._form.schema, text, self._broader)
        return ValuesForm(data)

    def version(self) -> str:
        """Return the digest of the layer as it is in the database."""
        return text_digest(self._saved)

    def check(self, form: ValuesForm) -> str:
        """Return the text as it would be saved.

        :raises ValidationError: with file and line of what breaks a rule
        """
        return checks.checked_values(form.cleaned_data["text"], path=self.layer.path)

    def two_texts(self, form: ValuesForm) -> TwoTexts:
        """Return what was typed beside what is saved now, and where both began."""
        base = text_held(self.home.project, self.layer.path, self._opened)
        mine = form.data.get("text", "").replace("\r\n", "\n")
        mine = mine if not mine or mine.endswith("\n") else f"{mine}\n"
        return TwoTexts(base, self._saved, mine, self.request.POST)

    def context(self, form: ValuesForm) -> dict[str, Any]:
        """Return everything the template needs."""
        home, workload, layer = self.home, self.workload, self.layer
        slug = home.project.slug
        place = {layer.path: [SourcePlace(layer.path)]}
        list_url = reverse("environments:workloads", args=[slug])
        own_url = reverse("environments:workload", args=[slug, workload.name])
        last = {} if self.is_chart else last_edit_of(home.project, place)
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
            "layer_query": urlencode(self.query),
            "layer_tabs": [self._tab(one) for one in self.layers],
            "targets": home.targets,
            "target": self.target,
            "form": form,
            "fields": self._fields(form),
            "may_save": self.may_save,
            "is_chart": self.is_chart,
            "why_not": NEEDS.format(MANAGE.value),
            "last": last.get(layer.path),
            "merged": self._merged(form),
            "marks": marked_lines(form),
            "before_taking": self.before_taking,
            "impact": self.review.shown() if self.review else None,
            **self._comparisons(form),
        }

    @property
    def _opened(self) -> str:
        """The digest of the text that whoever sent the form began with."""
        posted = self.request.POST
        return str(posted.get("opened") or posted.get("version", ""))

    @cached_property
    def _saved(self) -> str:
        return layer_of(self.workload, self.tenant, self.environment).text

    def _place(self) -> tuple[str | None, str | None]:
        """Return tenant and environment as the address names them.

        With ``at`` it names the kind of layer only; the chosen target says which.
        """
        asked = self.request.GET
        if self.is_chart:
            return None, None
        if "at" not in asked:
            return asked.get("tenant"), asked.get("environment")
        tenant, _, environment = asked.get("target", "").partition("/")
        is_of = {"tenant": (True, False), "environment": (False, True)}
        of_tenant, of_environment = is_of.get(
            asked["at"], (asked["at"] == "target",) * 2
        )
        return tenant if of_tenant else None, environment if of_environment else None

    def _query(self, layer: Layer) -> dict[str, str]:
        chosen = {"target": str(self.target)} if self.target else {}
        named = {"layer": CHART} if layer.name == CHART else layer.query
        return {**named, **chosen}

    def _target(self) -> TenantEnvironment | None:
        """Return the target whose layers are shown together, if there is any."""
        fitting = [
            target
            for target in self.home.targets
            if self.tenant in (None, target.tenant)
            and self.environment in (None, target.environment)
        ]
        wanted = self.request.GET.get("target")
        named = [target for target in fitting if str(target) == wanted]
        first = [target for target in fitting if target.pk in self._bound]
        return next(iter([*named, *first, *fitting]), None)

    def _tab(self, layer: Layer) -> dict[str, Any]:
        return {
            "label": layer.label,
            "url": f"?{urlencode(self._query(layer))}",
            "current": layer == self.layer,
            "note": f"{layer.lines} line{'' if layer.lines == 1 else 's'}"
            if layer.lines
            else "empty",
        }

    @cached_property
    def _variables(self) -> VariableIndex:
        return index_of(self.target)

    @cached_property
    def _broader(self) -> dict[Path, MergedValue]:
        """What the layers below this one say, by path."""
        below = self.layers[: self.layers.index(self.layer)]
        return {row.path: row for row in self._together(below).values}

    def _together(self, layers: list[Layer]) -> MergedValues:
        name, inner = self.workload.name, self.chart.subcharts
        return merged(layers, inner, service=name, variables=self._variables)

    def _fields(self, form: ValuesForm) -> SchemaForm | None:
        """Return the fields of the chart's schema, over what the text says."""
        if self.is_chart or (schema := read_schema(self.chart.schema)) is None:
            return None
        if self._form is not None:
            return self._form
        return SchemaForm(schema, form["text"].value() or "", self._broader)

    def _merged(self, form: ValuesForm) -> MergedValues | None:
        if self.target is None:
            return None
        typed = form.outcome if isinstance(form.outcome, str) else None
        layers = [
            one if typed is None or one != self.layer else one.with_text(typed)
            for one in self.layers
        ]
        return self._together(layers)

    def _comparisons(self, form: ValuesForm) -> dict[str, Any]:
        """Return what a check found, or what somebody else saved meanwhile."""
        typed = form.outcome
        if isinstance(typed, str):
            shown = compared(self.layer.text, typed, caption="Saved and typed")
            return {"checked": True, "difference": shown, **self._trial(typed)}
        is_choosing = self.request.POST.get("do") == "take" and not self.before_taking
        if not (form.is_moved or is_choosing):
            return {}
        return {"two": self.two_texts(form), "opened": self._opened}

    def _trial(self, text: str) -> dict[str, Any]:
        """Render what was typed, for whoever may save it."""
        if self.target is None or not self.may_save:
            return {}
        tried = trials.try_values(
            self.target, self.workload.name, layer=self.layer.name, text=text
        )
        return {"trial": shown_trial(tried)} if tried else {}
