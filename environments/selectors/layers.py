"""The values layers of a workload as pages show them, and what they make together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from environments.desired.placeholders import Placeholder
from environments.desired.resolving import mask_of
from environments.desired.scoping import VariableIndex
from environments.desired.state import EMPTY_TEXT
from environments.desired.substitution import PlaceholderRefused, substitute
from environments.desired.texts import TextRefused
from environments.desired.values import display_value
from environments.desired.values.nodes import Node
from environments.desired.values.reading import read_values
from environments.models import (
    Environment,
    Tenant,
    TenantEnvironment,
    ValuesLayer,
    Variable,
    Workload,
)
from environments.sourcing import layer_name, layer_path, variable_state

MOST_SHOWN: Final = 1000
"""Merged values that are shown; a preview of more helps nobody."""

_DEEPEST: Final = 60


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer with its text; empty where nobody saved one."""

    name: str
    label: str
    path: str
    text: str
    tenant: Tenant | None
    environment: Environment | None

    @property
    def lines(self) -> int:
        return self.text.count("\n")

    @property
    def query(self) -> dict[str, str]:
        """The parameters that choose it."""
        named = {"tenant": self.tenant, "environment": self.environment}
        return {name: row.slug for name, row in named.items() if row is not None}

    @property
    def key(self) -> str:
        """A word that chooses it in a form: ``acme/prod``, ``acme/``, ``/prod``."""
        tenant = self.tenant.slug if self.tenant else ""
        environment = self.environment.slug if self.environment else ""
        return f"{tenant}/{environment}"


@dataclass(frozen=True, slots=True)
class MergedValue:
    """One value as it counts after all layers, and the layers it beat."""

    path: str
    value: str
    layer: str
    beaten: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MergedValues:
    rows: tuple[MergedValue, ...]
    is_cut: bool = False
    problem: str = ""


def layer_of(
    workload: Workload, tenant: Tenant | None, environment: Environment | None
) -> Layer:
    """Return one layer of a workload, in one query."""
    rows = ValuesLayer.objects.filter(
        workload=workload, tenant=tenant, environment=environment
    )
    text = rows.values_list("text__body", flat=True).first() or ""
    return _layer(workload, tenant, environment, text)


def layers_of(
    workload: Workload, tenant: Tenant | None, environment: Environment | None
) -> list[Layer]:
    """Return the layers that reach a tenant and environment, broad to narrow."""
    places: list[tuple[Tenant | None, Environment | None]] = [(None, None)]
    if environment is not None:
        places.append((None, environment))
    if tenant is not None:
        places.append((tenant, None))
    if tenant is not None and environment is not None:
        places.append((tenant, environment))
    reached = Q()
    for of_tenant, of_environment in places:
        reached |= Q(tenant=of_tenant, environment=of_environment)
    rows = ValuesLayer.objects.filter(reached, workload=workload)
    texts: dict[tuple[int | None, int | None], str] = {
        (tenant_key, environment_key): body
        for tenant_key, environment_key, body in rows.values_list(
            "tenant", "environment", "text__body"
        )
    }
    return [
        _layer(
            workload,
            of_tenant,
            of_environment,
            texts.get(
                (
                    of_tenant.pk if of_tenant else None,
                    of_environment.pk if of_environment else None,
                ),
                "",
            ),
        )
        for of_tenant, of_environment in places
    ]


def saved_layers(workload: Workload) -> set[tuple[int | None, int | None]]:
    """Return tenant and environment, by key, of each layer that holds a text."""
    rows = ValuesLayer.objects.filter(workload=workload).exclude(text=EMPTY_TEXT)
    return set(rows.values_list("tenant", "environment"))


def variables_reaching(target: TenantEnvironment) -> VariableIndex:
    """Return the variables that count in a target, ready to be asked."""
    rows = Variable.objects.filter(
        Q(scope="repo", project=target.project_id)
        | Q(environment=target.environment_id)
        | Q(tenant=target.tenant_id)
        | Q(target=target)
    ).select_related("workload")
    return VariableIndex([variable_state(row) for row in rows])


def merged(
    layers: Sequence[Layer], *, service: str, variables: VariableIndex
) -> MergedValues:
    """Return what the layers make together, over what the chart itself says.

    Placeholders are filled, secrets masked; the narrower layer wins, key by key.
    """

    def lookup(asked: Placeholder) -> str:
        rows = variables.answers(asked.key, service, asked.scope)
        if not rows:
            return f"<unresolved {asked.key}>"
        row = rows[0]
        return mask_of(row.fingerprint) if row.fingerprint else row.value or ""

    found: dict[str, Any] = {}
    problem = ""
    for layer in layers:
        text = layer.text
        try:
            text = substitute(text, lookup, path=layer.path)
        except (PlaceholderRefused, TextRefused) as refused:
            problem = problem or str(refused)
        root = read_values(text).root
        if root is not None and root.kind == "map":
            _merge(found, root, text, layer.label, ())
    rows = list(_rows(found, ()))
    return MergedValues(tuple(rows[:MOST_SHOWN]), len(rows) > MOST_SHOWN, problem)


@dataclass(frozen=True, slots=True)
class _Leaf:
    value: str
    layer: str
    beaten: tuple[str, ...]


def _merge(
    into: dict[str, Any], node: Node, text: str, layer: str, path: tuple[str, ...]
) -> None:
    for key, item in zip(node.keys, node.items, strict=True):
        here = (*path, key.value)
        old = into.get(key.value)
        if item.kind == "map" and len(path) < _DEEPEST:
            if not isinstance(old, dict):
                old = into[key.value] = {}
            _merge(old, item, text, layer, here)
            continue
        beaten = (*old.beaten, old.layer) if isinstance(old, _Leaf) else ()
        shown = display_value(text, here) or ""
        into[key.value] = _Leaf(shown, layer, beaten)


def _rows(found: dict[str, Any], path: tuple[str, ...]) -> Iterable[MergedValue]:
    for key, value in found.items():
        here = (*path, key)
        if isinstance(value, dict):
            yield from _rows(value, here)
        else:
            shown = ".".join(here)
            yield MergedValue(shown, value.value, value.layer, value.beaten)


def _layer(
    workload: Workload,
    tenant: Tenant | None,
    environment: Environment | None,
    text: str,
) -> Layer:
    slugs = {
        "tenant": tenant.slug if tenant else None,
        "environment": environment.slug if environment else None,
    }
    name = layer_name(**slugs)
    labels = {
        "base": "Base",
        "environment": f"Environment {slugs['environment']}",
        "tenant": f"Tenant {slugs['tenant']}",
        "target": f"{slugs['tenant']} / {slugs['environment']}",
    }
    path = layer_path(workload, **slugs)
    return Layer(name, labels[name], path, text, tenant, environment)
