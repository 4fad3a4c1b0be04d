"""The desired state of targets as it is in the database now, as ``State`` documents.

Read under the project lock or in one repeatable-read transaction: the queries must
see one moment. Texts stay in the database; ``DatabaseTexts`` loads them.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from environments.desired.state import (
    ManifestState,
    OverlayState,
    State,
    Target,
    WorkloadState,
)
from environments.models import (
    Environment,
    TenantEnvironment,
    Variable,
    Workload,
    WorkloadBinding,
)
from environments.policies import PolicyTerms
from environments.reaching import (
    Bound,
    Inputs,
    Layers,
    bindings_in,
    hang,
    read,
    read_bound,
    variables_reaching,
)
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


def state_of(target: TenantEnvironment) -> State:
    """Return the desired state of *target* as it is now."""
    return states_of([target])[target.pk]


def states_of(
    targets: Iterable[TenantEnvironment], *, workloads: Collection[str] | None = None
) -> dict[int, State]:
    """Return the desired state of each target by its key, in four queries.

    :param workloads: the names of those that matter, where not all do
    """
    keys = [target.pk for target in targets]
    rows = list(TenantEnvironment.objects.filter(pk__in=keys).select_related(*FOLLOWED))
    inputs = read(rows, bindings=bindings_in(keys, workloads))
    return {
        row.pk: _state(row, inputs, policy_as_read(row.environment)) for row in rows
    }


def state_as_read(
    target: TenantEnvironment, bindings: Iterable[Bound] | None = None
) -> tuple[State, Sequence[OverlayState | ManifestState]]:
    """Return the state of a target, and the overlays and manifests that are off.

    The target was read with ``FOLLOWED`` a moment ago; *bindings* are its own, where
    the caller has them.
    """
    inputs = read([target], bindings=bindings)
    state = _state(target, inputs, policy_as_read(target.environment))
    return state, inputs.off.get(target.pk, [])


def states_with(
    targets: Sequence[TenantEnvironment],
    variables: Iterable[Variable],
    *,
    workloads: Collection[str] | None = None,
) -> dict[int, State]:
    """Return the states of rows that are loaded already, in two queries.

    Policies are left at their defaults.

    :param targets: with project, tenant and environment
    :param variables: all that reach them, with their workloads
    :param workloads: the names of those that matter, where not all do
    """
    keys = [target.pk for target in targets]
    inputs = read_bound(targets, bindings=bindings_in(keys, workloads))
    hang(variables, inputs)
    return {row.pk: _state(row, inputs, PolicyTerms()) for row in targets}


def policy_as_read(environment: Environment) -> PolicyTerms:
    """Return the policy of an environment that was read with it."""
    return PolicyTerms.of(getattr(environment, "policy", None))


def workload_as_bound(workload: Workload, target: TenantEnvironment) -> WorkloadState:
    """Return a workload as it would be if it were bound to a target now."""
    binding = Bound.of(WorkloadBinding(workload=workload, target=target))
    layers = read_bound([target], bindings=[binding]).layers
    return _workload(binding, target, layers)


def _state(target: TenantEnvironment, inputs: Inputs, policy: PolicyTerms) -> State:
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


def _workload(bound: Bound, target: TenantEnvironment, layers: Layers) -> WorkloadState:
    places = {
        "base": (bound.workload, None, None),
        "environment": (bound.workload, target.environment_id, None),
        "tenant": (bound.workload, None, target.tenant_id),
        "target": (bound.workload, target.environment_id, target.tenant_id),
    }
    return WorkloadState(
        name=bound.name,
        chart=bound.chart,
        chart_version=bound.chart_version,
        chart_digest=bound.chart_digest,
        namespace=bound.namespace or None,
        allow_nondeterministic=bound.allow_nondeterministic,
        layers=tuple(
            (layer, layers[place]) for layer, place in places.items() if place in layers
        ),
    )
