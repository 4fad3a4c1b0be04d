"""What the page of variables shows, gathered in a handful of queries."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.urls import reverse

from environments import ports
from environments.actions import VariablePlace
from environments.desired.resolving import MASK_DIGITS
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
    Place,
    Reference,
    places_using,
    references_in,
    undefined_among,
)
from environments.selectors.variable_table import (
    TableRow,
    names_of,
    scope_labels,
    shown_value,
    table_of,
)
from environments.views.editors import editor_url
from environments.views.frame import NEEDS, crumb, frame
from gitopshq.core.errors import NotFound
from gitopshq.core.named_pages import NamedPage, page_by_name
from gitopshq.core.web import PageRequest

MANAGE = Permission.MANAGE_VARIABLES
MOST_NAMED: Final = 20
KEPT: Final = ("q", "cursor")
"""What narrows the table; ``cursor`` is the last name of the page before."""


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
        self.key = request.POST.get("key", "") or self.asked.get("key", "")

    @property
    def query(self) -> dict[str, str]:
        """The parameters that choose target and service."""
        if self.target is None:
            return {}
        return {
            "tenant": self.target.tenant.slug,
            "environment": self.target.environment.slug,
            "service": self.service,
            **{name: self.asked[name] for name in KEPT if self.asked.get(name)},
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
        scopes = [(s.value, label) for s, label in self.scopes.items()]
        if data is not None:
            row = self.row(data.get("key", ""), data.get("scope", ""))
            return VariableForm(data, scopes=scopes, row=row)
        scope = self.asked.get("scope", "repo")
        row = self.row(self.key, scope)
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

    def context(self, doing: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return what the page shows.

        :param doing: what ``VariableEdits`` adds while something is edited
        """
        home, slug = self.home, self.home.project.slug
        names = self._names
        used = places_using(self.uses)
        found = self._explained(self.key)
        return {
            **frame(home, "Variables", crumb("Variables")),
            "target": self.target,
            "service": self.service,
            "services": self._services,
            "tenants": sorted({t.tenant.slug for t in home.targets}),
            "scopes": self._scopes(self.key),
            "rows": [row for row in self._table if row.key in names.rows],
            "named": names,
            "query": urlencode(self.query),
            "key": self.key,
            "explained": found,
            "secret": self._secret(found),
            "undefined": self.places(places_using(self._undefined)[:MOST_NAMED]),
            "undefined_count": len({asked.key for asked in self._undefined}),
            "used": self.places(used[:MOST_NAMED]),
            "used_count": len(used),
            "used_more": max(0, len(used) - MOST_NAMED),
            "users": sorted({asked.service for asked in self.uses if asked.service}),
            "open_changes": self._open_changes,
            "set_url": f"{reverse('environments:set_variable', args=[slug])}"
            f"?{urlencode(self.query)}",
            "why_not": NEEDS.format(MANAGE.value),
            "may_any": home.rights.anywhere(MANAGE),
            **(doing or {}),
        }

    @property
    def uses(self) -> list[Reference]:
        """Every use of the chosen key."""
        return [asked for asked in self.references if asked.key == self.key]

    def places(self, found: Iterable[Place]) -> list[dict[str, Any]]:
        """Return files and lines that use a variable, with their editors."""
        slug = self.home.project.slug
        return [
            {
                "name": place.name,
                "key": place.key,
                "url": editor_url(slug, place.path),
                "targets": place.shown,
            }
            for place in found
        ]

    def now(self, form: VariableForm) -> str:
        """Return what is saved now at the place of a form that came too late."""
        if not form.is_moved:
            return ""
        rows = Variable.objects.filter(
            key=form.data["key"], **self.place(form.data["scope"]).fields
        )
        row = rows.first()
        return shown_value(row) if row else "not set any more"

    @cached_property
    def scopes(self) -> dict[VariableScope, str]:
        """The scopes that there are here, and what each is called; broad to narrow."""
        if self.target is None:
            return {VariableScope.REPO: "Project"}
        return scope_labels(self.target, self.service)

    def _scopes(self, key: str) -> list[dict[str, Any]]:
        """Return each scope, and what of *key* is set there."""
        return [
            {
                "scope": scope.value,
                "label": label,
                "may": self.may(scope),
                "row": self.row(key, scope.value),
            }
            for scope, label in self.scopes.items()
        ]

    def may(self, scope: VariableScope) -> bool:
        """Say whether variables may be set at a scope of the chosen target."""
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
        bound = Workload.objects.filter(bindings__target=self.target)
        return sorted(bound.values_list("name", flat=True))

    @cached_property
    def rows(self) -> list[Variable]:
        rows = Variable.objects.filter(project=self.home.project)
        followed = rows.select_related("workload", "secret")
        return list(followed.order_by("key", "pk"))

    @cached_property
    def _names(self) -> NamedPage[str]:
        """The names of this page of the table."""
        if self.target is None:
            return NamedPage()
        found = names_of(self.target, self.rows, service=self.service)
        return page_by_name(found, self.asked)

    @cached_property
    def _table(self) -> list[TableRow]:
        """This page of the table, and the chosen variable wherever it stands."""
        if self.target is None:
            return []
        wanted = {*self._names.rows, self.key}
        rows = [row for row in self.rows if row.key in wanted]
        return table_of(self.target, rows, service=self.service)

    @cached_property
    def references(self) -> list[Reference]:
        return references_in(self.home.targets)

    @cached_property
    def _undefined(self) -> list[Reference]:
        return undefined_among(self.references, self.rows)

    @cached_property
    def _open_changes(self) -> Sequence[ports.OpenChange]:
        """What open releases change of the chosen key, in targets that are seen."""
        if not self.key or not ports.open_changes.is_answered:
            return ()
        seen = [target.pk for target in self.home.targets]
        return ports.open_changes.answer(seen, self.key)

    def _secret(self, found: TableRow | None) -> dict[str, Any] | None:
        """Return what is told of a secret that wins here."""
        cell = found.winner if found else None
        if cell is None or cell.row is None or cell.row.secret is None:
            return None
        return {
            "fingerprint": cell.row.secret.fingerprint[:MASK_DIGITS],
            # A value that comes back is as old as its return.
            "rotated_at": cell.at or cell.row.secret.created_at,
            "sealed_at": cell.row.secret.rotated_at,
            "in_git": self.home.project.secrets_in_git,
        }

    def _explained(self, key: str) -> TableRow | None:
        return next((row for row in self._table if row.key == key), None)

    def row(self, key: str, scope: str) -> Variable | None:
        """Return the row of a key at a scope of the chosen target, if there is one."""
        found = self._explained(key)
        cell = found.at(scope) if found else None
        return cell.row if cell else None


def _version(row: Variable | None) -> str:
    if row is None:
        return NOTHING
    return version_of([row.value, row.secret_id, row.description])
