"""The desired state of targets as it is in the database now, as ``State`` documents.

Read under the project lock or in one repeatable-read transaction: the queries must
see one moment. Texts stay in the database; ``DatabaseTexts`` loads them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from django.db.models import (
    CharField,
    F,
    IntegerField,
    JSONField,
    Model,
    Q,
    QuerySet,
    Value,
)

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
    Environment,
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    ValuesLayer,
    Variable,
    Workload,
    WorkloadBinding,
)
from environments.policies import PolicyTerms
from environments.sourcing import variable_state
from environments.stored import DatabaseTexts

__all__ = [
    "DatabaseTexts",
    "policy_as_read",
    "state_as_read",
    "state_of",
    "states_of",
    "states_with",
    "variables_reaching",
    "workload_as_bound",
]

FOLLOWED: Final = ("project", "tenant", "environment__policy")
"""What decides about the state of a target and is read with it."""
M = TypeVar("M", bound=Model)
Layers = Mapping[tuple[int, int | None, int | None], str]
"""Digests of values texts by workload, environment and tenant."""
_NO_TEXT: Final = Value(None, output_field=CharField())
_NO_KEY: Final = Value(None, output_field=IntegerField())


def state_of(target: TenantEnvironment) -> State:
    """Return the desired state of *target* as it is now."""
    return states_of([target])[target.pk]


def states_of(targets: Iterable[TenantEnvironment]) -> dict[int, State]:
    """Return the desired state of each target by its key, in four queries."""
    keys = [target.pk for target in targets]
    rows = list(TenantEnvironment.objects.filter(pk__in=keys).select_related(*FOLLOWED))
    inputs = _read(rows)
    return {
        row.pk: _state(row, inputs, policy_as_read(row.environment)) for row in rows
    }


def state_as_read(
    target: TenantEnvironment, bindings: Iterable[WorkloadBinding] | None = None
) -> tuple[State, Sequence[OverlayState | ManifestState]]:
    """Return the state of a target, and the overlays and manifests that are off.

    The target was read with ``FOLLOWED`` a moment ago; *bindings* are its own, with
    the charts of their workloads, where the caller has them.
    """
    inputs = _read([target], bindings=bindings)
    state = _state(target, inputs, policy_as_read(target.environment))
    return state, inputs.off.get(target.pk, [])


def states_with(
    targets: Sequence[TenantEnvironment], variables: Iterable[Variable]
) -> dict[int, State]:
    """Return the states of rows that are loaded already, in two queries.

    Policies are left at their defaults.

    :param targets: with project, tenant and environment
    :param variables: all that reach them, with their workloads
    """
    inputs = _read_bound(targets)
    _hang(variables, inputs)
    return {row.pk: _state(row, inputs, PolicyTerms()) for row in targets}


def policy_as_read(environment: Environment) -> PolicyTerms:
    """Return the policy of an environment that was read with it."""
    return PolicyTerms.of(getattr(environment, "policy", None))


def workload_as_bound(workload: Workload, target: TenantEnvironment) -> WorkloadState:
    """Return a workload as it would be if it were bound to a target now."""
    binding = WorkloadBinding(workload=workload, target=target)
    layers = _read_bound([target], bindings=[binding]).layers
    return _workload(binding, target, layers)


def variables_reaching(targets: Sequence[TenantEnvironment]) -> QuerySet[Variable]:
    """Return the variables whose scope reaches *targets*, with their workloads."""
    return Variable.objects.filter(
        Q(scope="repo", project__in={target.project_id for target in targets})
        | Q(environment__in={target.environment_id for target in targets})
        | Q(tenant__in={target.tenant_id for target in targets})
        | Q(target__in=[target.pk for target in targets])
    ).select_related("workload")


@dataclass
class _Inputs:
    """Rows that reach some targets, grouped by what they hang on."""

    bindings: dict[int, list[WorkloadBinding]]
    layers: dict[tuple[int, int | None, int | None], str] = field(default_factory=dict)
    overlays: dict[int, list[OverlayState]] = field(
        default_factory=lambda: defaultdict(list)
    )
    manifests: dict[int, list[ManifestState]] = field(
        default_factory=lambda: defaultdict(list)
    )
    off: dict[int, list[OverlayState | ManifestState]] = field(
        default_factory=lambda: defaultdict(list)
    )
    variables: dict[tuple[str, int], list[VariableState]] = field(
        default_factory=lambda: defaultdict(list)
    )


def _read(
    targets: Sequence[TenantEnvironment],
    *,
    bindings: Iterable[WorkloadBinding] | None = None,
) -> _Inputs:
    inputs = _read_bound(targets, bindings=bindings)
    _hang(variables_reaching(targets), inputs)
    return inputs


def _read_bound(
    targets: Sequence[TenantEnvironment],
    *,
    bindings: Iterable[WorkloadBinding] | None = None,
) -> _Inputs:
    """Read what is bound in *targets*, with the digests of its texts; no variables."""
    keys = [target.pk for target in targets]
    if bindings is None:
        bindings = WorkloadBinding.objects.filter(target__in=keys).select_related(
            "workload__chart_version__chart", "chart_version__chart"
        )
    grouped: dict[int, list[WorkloadBinding]] = defaultdict(list)
    for binding in bindings:
        grouped[binding.target_id].append(binding)
    inputs = _Inputs(grouped)
    _read_files(keys, inputs)
    return inputs


def _hang(rows: Iterable[Variable], inputs: _Inputs) -> None:
    for row in rows:
        inputs.variables[_hangs_on(row)].append(variable_state(row))


def _read_files(targets: Collection[int], inputs: _Inputs) -> None:
    """Read values layers, overlays and manifests: three tables in one query.

    A row is of a workload or of a target, the ``place``.
    """
    workloads = {row.workload_id for rows in inputs.bindings.values() for row in rows}
    layers = (
        ValuesLayer.objects.filter(workload__in=workloads)
        .exclude(text=EMPTY_TEXT)
        .values_list(
            Value("layer"),
            "workload_id",
            "text_id",
            _NO_TEXT,
            "environment_id",
            "tenant_id",
            Value(None, output_field=JSONField()),
            Value(True),  # noqa: FBT003
        )
    )
    overlays, manifests = (
        model.objects.filter(target__in=targets).values_list(
            Value(kind),
            "target_id",
            "name",
            attached,
            _NO_KEY,
            _NO_KEY,
            "files",
            "is_on",
        )
        for kind, model, attached in (
            ("overlay", KustomizeBinding, F("workload__name")),
            ("manifests", ManifestBinding, _NO_TEXT),
        )
    )
    rows = layers.union(overlays, manifests, all=True)
    for kind, place, name, attached, environment, tenant, files, is_on in rows:
        if kind == "layer":
            inputs.layers[place, environment, tenant] = name
        elif kind == "overlay":
            overlay = OverlayState(name, attached, tuple(files.items()))
            (inputs.overlays if is_on else inputs.off)[place].append(overlay)
        else:
            binding = ManifestState(name, tuple(files.items()))
            (inputs.manifests if is_on else inputs.off)[place].append(binding)


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


def _state(target: TenantEnvironment, inputs: _Inputs, policy: PolicyTerms) -> State:
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
        overlays=tuple(inputs.overlays.get(target.pk, ())),
        manifests=tuple(inputs.manifests.get(target.pk, ())),
        variables=tuple(
            variable
            for place in reached.items()
            for variable in inputs.variables.get(place, ())
        ),
        policy=policy.to_state(),
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
