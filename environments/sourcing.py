"""The files of the ``source`` layout that describe rows: path and text of each.

Values layers, overlays and manifests are the people's own texts; what all of them
look like inside is decided in ``environments.desired``.
"""

from environments.desired import source_files, source_layout
from environments.desired.state import VariableState
from environments.models import (
    Environment,
    EnvironmentPolicy,
    TenantEnvironment,
    ValuesLayer,
    Variable,
    VariableScope,
    Workload,
)
from environments.policies import PolicyTerms
from gitopshq.core.rows import one_of

Files = dict[str, str | None]
"""Texts by path; None where there is no such file."""


def workload_files(workload: Workload) -> Files:
    """Return a workload's definition."""
    version = workload.chart_version
    text = source_files.workload_text(
        chart=version.chart.name,
        version=version.version,
        digest=version.digest,
        namespace=workload.namespace or None,
        allow_nondeterministic=workload.allow_nondeterministic,
    )
    return {source_layout.workload_file(workload.name): text}


def layer_path(
    workload: Workload, *, tenant: str | None, environment: str | None
) -> str:
    """Return the path of the values layer that the two slugs choose."""
    return source_layout.values_file(
        workload.name,
        layer_name(tenant=tenant, environment=environment),
        tenant=tenant or "",
        environment=environment or "",
    )


def layer_name(*, tenant: str | None, environment: str | None) -> str:
    """Return which layer is chosen by a tenant, an environment, both or neither."""
    if environment is None:
        return "base" if tenant is None else "tenant"
    return "environment" if tenant is None else "target"


def values_files(layer: ValuesLayer) -> Files:
    """Return the text of a layer; an empty one is no file."""
    path = layer_path(
        layer.workload,
        tenant=layer.tenant.slug if layer.tenant else None,
        environment=layer.environment.slug if layer.environment else None,
    )
    return {path: layer.text.body or None}


def target_files(target: TenantEnvironment) -> Files:
    """Return a target's facts and what is bound to it; what is off is not."""
    bindings = target.workload_bindings.select_related("workload", "chart_version")
    overlays = target.kustomize_bindings.filter(is_on=True).select_related("workload")
    text = source_files.target_text(
        namespace=target.namespace,
        cluster=target.cluster,
        kubernetes_version=target.kubernetes_version,
        api_versions=target.api_versions,
        workloads={
            binding.workload.name: _without_empty(
                namespace=binding.namespace,
                chartVersion=(
                    binding.chart_version.version if binding.chart_version else ""
                ),
            )
            for binding in bindings
        },
        overlays={
            overlay.name: _without_empty(
                workload=overlay.workload.name if overlay.workload else ""
            )
            for overlay in overlays
        },
        manifests=target.manifest_bindings.filter(is_on=True).values_list(
            "name", flat=True
        ),
    )
    path = source_layout.target_file(target.tenant.slug, target.environment.slug)
    return {path: text}


def policy_files(environment: Environment) -> Files:
    """Return an environment's policy, as it is set now."""
    row = one_of(EnvironmentPolicy.objects.filter(environment=environment))
    path = source_layout.policy_file(environment.slug)
    if row is None:
        return {path: None}
    return {path: source_files.policy_text(PolicyTerms.of(row).to_state())}


def variable_files(variable: Variable) -> Files:
    """Return the file that holds *variable* and the others of its place."""
    place = Variable.objects.filter(
        project=variable.project,
        scope=variable.scope,
        environment=variable.environment,
        tenant=variable.tenant,
        target=variable.target,
        workload=variable.workload,
    ).select_related("workload")
    rows = [variable_state(row) for row in place]
    return {variable_path(variable): source_files.variables_text(rows) or None}


def variable_path(variable: Variable) -> str:
    """Return the path of the file that *variable* stands in."""
    target = variable.target
    tenant = target.tenant if target else variable.tenant
    environment = target.environment if target else variable.environment
    return source_layout.variables_file(
        variable.scope,
        tenant=tenant.slug if tenant else "",
        environment=environment.slug if environment else "",
        service=variable.workload.name if variable.workload else None,
    )


def variable_state(row: Variable) -> VariableState:
    """Return a row as a State holds it: a secret by its fingerprint alone."""
    is_svc = row.scope == VariableScope.SVC
    return VariableState(
        scope=str(row.scope),
        key=row.key,
        service=row.workload.name if is_svc and row.workload else None,
        value=None if row.is_secret else row.value,
        secret=row.is_secret,
        fingerprint=row.secret_id,
    )


def _without_empty(**values: str) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
