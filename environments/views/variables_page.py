"""What the page of variables shows, gathered in a handful of queries."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from environments.actions import VariablePlace
from environments.forms.variables import VariableForm
from environments.models import (
    TenantEnvironment,
    Variable,
    VariableScope,
    Workload,
)
from environments.permissions import Permission
from environments.saving import NOTHING, version_of
from environments.selectors.home import Home
from environments.selectors.references import (
    Bound,
    Reference,
    bound_in,
    places_using,
    references_in,
    undefined_among,
)
from environments.selectors.variable_table import (
    TableRow,
    scope_labels,
    shown_value,
    table_of,
)
from environments.views.frame import NEEDS, crumb, frame
from gitopshq.core.errors import NotFound
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_VARIABLES
MOST_UNDEFINED = 20


def version_at(place: VariablePlace, key: str) -> str:
    """Tell what is saved for a key at a place from anything else."""
    return _version(Variable.objects.filter(key=key, **place.fields).first())


class VariablesPage:
    """The page for one person, one target and maybe one of its services."""

    def __init__(self, request: PageRequest, home: Home) -> None:
        self.home = home
        self.asked = request.GET
        self.target = self._target()
        services = self._services
        wanted = self.asked.get("service")
        default = services[0] if services and wanted is None else ""
        self.service = wanted if wanted in services else default
        self.key = self.asked.get("key", "")

    @property
    def query(self) -> dict[str, str]:
        """The parameters that choose target and service."""
        if self.target is None:
            return {}
        return {
            "tenant": self.target.tenant.slug,
            "environment": self.target.environment.slug,
            "service": self.service,
        }

    def place(self, scope: str) -> VariablePlace:
        """Return the place that a scope means for the chosen target.

        :raises NotFound: for a scope that is none here
        """
        target, project = self.target, self.home.project
        if scope == VariableScope.REPO:
            return VariablePlace(project, VariableScope.REPO)
        if target is None:
            raise NotFound
        if scope == VariableScope.ENV:
            environment = target.environment
            return VariablePlace(project, VariableScope.ENV, environment=environment)
        if scope == VariableScope.TENANT:
            return VariablePlace(project, VariableScope.TENANT, tenant=target.tenant)
        workload = Workload.objects.filter(project=project, name=self.service).first()
        if scope != VariableScope.SVC or workload is None:
            raise NotFound
        return VariablePlace(
            project, VariableScope.SVC, target=target, workload=workload
        )

    def form(self, data: Any = None) -> VariableForm:
        """Return the form: what was sent, or the cell that is asked for."""
        scopes = [(s.value, label) for s, label in self._labels.items()]
        if data is not None:
            row = self._row(data.get("key", ""), data.get("scope", ""))
            return VariableForm(data, scopes=scopes, row=row)
        scope = self.asked.get("scope", "repo")
        row = self._row(self.key, scope)
        initial: dict[str, Any] = {
            "key": self.key,
            "scope": scope,
            "version": _version(row),
        }
        if row is not None:
            initial |= {
                "value": row.value,
                "secret": row.is_secret,
                "description": row.description,
            }
        return VariableForm(initial=initial, scopes=scopes, row=row)

    def context(self, form: VariableForm | None = None) -> dict[str, Any]:
        home, slug = self.home, self.home.project.slug
        query, words = urlencode(self.query), self.asked.get("q", "")
        key = self.key or (form.data.get("key", "") if form else "")
        return {
            **frame(home, "Variables", crumb("Variables")),
            "target": self.target,
            "service": self.service,
            "services": self._services,
            "tenants": sorted({t.tenant.slug for t in home.targets}),
            "scopes": self._scopes(key),
            "rows": [row for row in self._table if words.lower() in row.key.lower()],
            "words": words,
            "query": query,
            "explained": self._explained(key),
            "undefined": places_using(self._undefined)[:MOST_UNDEFINED],
            "undefined_count": len({asked.key for asked in self._undefined}),
            "used": places_using(r for r in self._references if r.key == key),
            "form": form or self.form(),
            "is_editing": bool(form) or {"scope", "new"} & self.asked.keys(),
            "is_moved": form is not None and form.is_moved,
            "now": self._now(form),
            "set_url": f"{reverse('environments:set_variable', args=[slug])}?{query}",
            "why_not": NEEDS.format(MANAGE.value),
            "may_any": home.rights.anywhere(MANAGE),
        }

    def _now(self, form: VariableForm | None) -> str:
        """Return what is saved now at the place of a form that came too late."""
        if form is None or not form.is_moved:
            return ""
        rows = Variable.objects.filter(
            key=form.data["key"], **self.place(form.data["scope"]).fields
        )
        row = rows.first()
        return shown_value(row) if row else "not set any more"

    @cached_property
    def _labels(self) -> dict[VariableScope, str]:
        if self.target is None:
            return {VariableScope.REPO: "Project"}
        return scope_labels(self.target, self.service)

    def _scopes(self, key: str) -> list[dict[str, Any]]:
        """Return each scope, and what of *key* is set there."""
        return [
            {
                "scope": scope.value,
                "label": label,
                "may": self._may(scope),
                "row": self._row(key, scope.value),
            }
            for scope, label in self._labels.items()
        ]

    def _may(self, scope: VariableScope) -> bool:
        narrow = scope in {VariableScope.ENV, VariableScope.SVC}
        place = self.target.environment if narrow and self.target else None
        return self.home.may(MANAGE, place)

    def _target(self) -> TenantEnvironment | None:
        tenant, environment = self.asked.get("tenant"), self.asked.get("environment")
        if tenant and environment:
            return self.home.target(tenant, environment)
        return next(iter(self.home.targets), None)

    @cached_property
    def _services(self) -> list[str]:
        """The services of the chosen target, by name."""
        if self.target is None:
            return []
        return sorted(name for key, _, name in self._bound if key == self.target.pk)

    @cached_property
    def _bound(self) -> Bound:
        return bound_in(self.home.targets)

    @cached_property
    def _rows(self) -> list[Variable]:
        rows = Variable.objects.filter(project=self.home.project)
        return list(rows.select_related("workload").order_by("key", "pk"))

    @cached_property
    def _table(self) -> list[TableRow]:
        if self.target is None:
            return []
        return table_of(self.target, self._rows, service=self.service)

    @cached_property
    def _references(self) -> list[Reference]:
        return references_in(self.home.targets, self._bound)

    @cached_property
    def _undefined(self) -> list[Reference]:
        return undefined_among(self._references, self._rows)

    def _explained(self, key: str) -> TableRow | None:
        return next((row for row in self._table if row.key == key), None)

    def _row(self, key: str, scope: str) -> Variable | None:
        """Return the row of a key at a scope of the chosen target, if there is one."""
        found = self._explained(key)
        cell = found.at(scope) if found else None
        return cell.row if cell else None


def _version(row: Variable | None) -> str:
    if row is None:
        return NOTHING
    return version_of([row.value, row.secret_id, row.description])
