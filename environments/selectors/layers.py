"""The values layers of a workload as pages show them: its chart's own, then ours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from django.db.models import Q

from environments import capture
from environments.desired.scoping import VariableIndex
from environments.desired.subcharts import Subchart, read_subcharts
from environments.models import (
    ChartVersion,
    Environment,
    Tenant,
    TenantEnvironment,
    Text,
    ValuesLayer,
    Workload,
)
from environments.sourcing import layer_name, layer_path, variable_state

CHART: Final = "chart"
"""The name of the layer below all of ours: what the chart itself says."""


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

    def with_text(self, text: str) -> "Layer":
        """Return the layer with another text."""
        return replace(self, text=text)


@dataclass(frozen=True, slots=True)
class ChartTexts:
    """What a chart says of its values: defaults as a layer, and the schema's text.

    ``subcharts`` are the charts inside it, None where they were not kept.
    """

    layer: Layer
    schema: str
    subcharts: tuple[Subchart, ...] | None


def chart_texts(version: ChartVersion) -> ChartTexts:
    """Return the texts that were kept when a version was uploaded, in one query."""
    names = ("values", "schema", "subcharts")
    digests = [version.facts.get(name, "") for name in names]
    texts = _bodies(set(digests))
    values, schema, subcharts = (texts.get(digest, "") for digest in digests)
    label = f"Chart {version.version}"
    layer = Layer(CHART, label, "values.yaml", values, None, None)
    return ChartTexts(layer, schema, read_subcharts(subcharts))


def chart_values(versions: Sequence[ChartVersion]) -> dict[int, str]:
    """Return what each version's own ``values.yaml`` says by its key, in one query."""
    digests = {one.pk: one.facts.get("values", "") for one in versions}
    texts = _bodies(set(digests.values()))
    return {key: texts.get(digest, "") for key, digest in digests.items()}


def _bodies(digests: Collection[str]) -> dict[str, str]:
    rows = Text.objects.filter(digest__in=digests)
    return dict(rows.values_list("digest", "body"))


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


def index_of(target: TenantEnvironment | None) -> VariableIndex:
    """Return the variables that count in a target, ready to be asked; without, none."""
    rows = capture.variables_reaching([target]) if target else ()
    return VariableIndex([variable_state(row) for row in rows])


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
