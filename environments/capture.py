"""The desired state of targets as it is in the database now, as ``State`` documents.

Read under the project lock or in one repeatable-read transaction: the queries must
see one moment. Texts stay in the database; ``DatabaseTexts`` loads them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Model, Q

from environments.desired.state import (
    EMPTY_TEXT,
    ManifestState,
    OverlayState,
    State,
    Target,
    VariableState,
    WorkloadState,
)
from environments.models import (
    EnvironmentPolicy,
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    ValuesLayer,
    Variable,
    WorkloadBinding,
)
from environments.policies import PolicyTerms
from environments.sourcing import variable_state
from environments.stored import DatabaseTexts

__all__ = ["DatabaseTexts", "state_of", "states_of", "states_with"]

M = TypeVar("M", bound=Model)
Layers = Mapping[tuple[int, int | None, int | None], str]
"""Digests of values texts by workload, environment and tenant."""


def state_of(target: TenantEnvironment) -> State:
    """Return the desired state of *target* as it is now."""
    return states_of([target])[target.pk]


def states_of(targets: Iterable[TenantEnvironment]) -> dict[int, State]:
    """Return the desired state of each target by its key, in seven queries."""
    keys = [target.pk for target in targets]
    rows = list(
        TenantEnvironment.objects.filter(pk__in=keys).select_related(
            "project", "tenant", "environment"
        )
    )
    inputs = _read(rows)
    return {row.pk: _state(row, inputs) for row in rows}


def states_with(
    targets: Sequence[TenantEnvironment], variables: Iterable[Variable]
) -> dict[int, State]:
    """Return the states of rows that are loaded already, in four queries.

    Policies are left at their defaults.

    :param targets: with project, tenant and environment
    :param variables: all that reach them, with their workloads
    """
    inputs = _read_bound(targets)
    _hang(variables, inputs)
    return {row.pk: _state(row, inputs) for row in targets}


@dataclass
class _Inputs:
    """Rows that reach some targets, grouped by what they hang on."""

    policies: dict[int, PolicyTerms]
    bindings: dict[int, list[WorkloadBinding]]
    layers: Layers
    overlays: dict[int, list[KustomizeBinding]]
    manifests: dict[int, list[ManifestBinding]]
    variables: dict[tuple[str, int], list[VariableState]] = field(
        default_factory=lambda: defaultdict(list)
    )


def _read(targets: Sequence[TenantEnvironment]) -> _Inputs:
    environments = {target.environment_id for target in targets}
    inputs = _read_bound(targets)
    inputs.policies.update(
        (row.environment_id, PolicyTerms.of(row))
        for row in EnvironmentPolicy.objects.filter(environment__in=environments)
    )
    reaching = Variable.objects.filter(
        Q(scope="repo", project__in={target.project_id for target in targets})
        | Q(environment__in=environments)
        | Q(tenant__in={target.tenant_id for target in targets})
        | Q(target__in=[target.pk for target in targets])
    )
    _hang(reaching.select_related("workload"), inputs)
    return inputs


def _read_bound(targets: Sequence[TenantEnvironment]) -> _Inputs:
    """Read what is bound in *targets*, with its texts; no policies, no variables."""
    keys = [target.pk for target in targets]
    bindings = list(
        WorkloadBinding.objects.filter(target__in=keys).select_related(
            "workload__chart_version__chart", "chart_version__chart"
        )
    )
    return _Inputs(
        policies={},
        bindings=_by_target(bindings),
        layers=_read_layers({binding.workload_id for binding in bindings}),
        overlays=_by_target(
            KustomizeBinding.objects.filter(target__in=keys, is_on=True).select_related(
                "workload"
            )
        ),
        manifests=_by_target(
            ManifestBinding.objects.filter(target__in=keys, is_on=True)
        ),
    )


def _hang(rows: Iterable[Variable], inputs: _Inputs) -> None:
    for row in rows:
        inputs.variables[_hangs_on(row)].append(variable_state(row))


def _read_layers(workloads: Iterable[int]) -> Layers:
    rows = ValuesLayer.objects.filter(workload__in=workloads).exclude(text=EMPTY_TEXT)
    return {
        (workload, environment, tenant): text
        for workload, environment, tenant, text in rows.values_list(
            "workload", "environment", "tenant", "text"
        )
    }


def _hangs_on(row: Variable) -> tuple[str, int]:
    keys = {
        "repo": row.project_id,
        "env": row.environment_id,
        "tenant": row.tenant_id,
        "svc": row.target_id,
    }
    key = keys[row.scope]
    assert key is not None, "the scope names its place"
    return str(row.scope), key


def _by_target(rows: Iterable[Any]) -> dict[int, list[Any]]:
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        grouped[row.target_id].append(row)
    return grouped


def _state(target: TenantEnvironment, inputs: _Inputs) -> State:
    reached = {
        "repo": target.project_id,
        "env": target.environment_id,
        "tenant": target.tenant_id,
        "svc": target.pk,
    }
    return State(
        project=target.project.slug,
        tenant=target.tenant.slug,
        environment=target.environment.slug,
        target=Target(
            namespace=target.namespace,
            kubernetes_version=target.kubernetes_version,
            api_versions=tuple(target.api_versions),
        ),
        workloads=tuple(
            _workload(binding, target, inputs.layers)
            for binding in inputs.bindings.get(target.pk, ())
        ),
        overlays=tuple(
            OverlayState(
                name=row.name,
                workload=row.workload.name if row.workload else None,
                files=tuple(row.files.items()),
            )
            for row in inputs.overlays.get(target.pk, ())
        ),
        manifests=tuple(
            ManifestState(name=row.name, files=tuple(row.files.items()))
            for row in inputs.manifests.get(target.pk, ())
        ),
        variables=tuple(
            variable
            for place in reached.items()
            for variable in inputs.variables.get(place, ())
        ),
        policy=inputs.policies.get(target.environment_id, PolicyTerms()).to_state(),
    )


def _workload(
    binding: WorkloadBinding, target: TenantEnvironment, layers: Layers
) -> WorkloadState:
    workload = binding.workload
    version = binding.chart_version or workload.chart_version
    places = {
        "base": (workload.pk, None, None),
        "environment": (workload.pk, target.environment_id, None),
        "tenant": (workload.pk, None, target.tenant_id),
        "target": (workload.pk, target.environment_id, target.tenant_id),
    }
    return WorkloadState(
        name=workload.name,
        chart=version.chart.name,
        chart_version=version.version,
        chart_digest=version.digest,
        namespace=binding.namespace or workload.namespace or None,
        allow_nondeterministic=workload.allow_nondeterministic,
        layers=tuple(
            (layer, layers[place]) for layer, place in places.items() if place in layers
        ),
    )
