"""The places of the files that GitOpsHQ writes itself, and taking one from a state.

Those are workload definitions, the target's facts, and variables. Texts that people
write are in `texts`. Policies are left out: they are never rolled back.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from environments.desired.resolving import mask_of
from environments.desired.source_layout import (
    target_file,
    variables_file,
    workload_file,
)
from environments.desired.state import (
    ManifestState,
    OverlayState,
    State,
    VariableState,
    WorkloadState,
)
from environments.desired.values import Path

Place = tuple[str, Path]
"""A file of `source`, and the keys that lead to a place in it."""

CHART: Final = ("chart",)
NAMESPACE: Final = ("namespace",)
NONDETERMINISM: Final = ("allowNondeterministic",)
_FACTS: Final = {
    NAMESPACE: "namespace",
    ("kubernetesVersion",): "kubernetes_version",
    ("apiVersions",): "api_versions",
}
KUSTOMIZE, MANIFESTS = "kustomize", "manifests"

Part = TypeVar("Part", WorkloadState, OverlayState, ManifestState, VariableState)


def facts_of(state: State) -> dict[Place, Any]:
    """Return what stands at each place; what is not there has no place.

    Of an overlay or of manifests this is only that they are bound, and to what.
    """
    here = target_file(state.tenant, state.environment)
    found: dict[Place, Any] = {}
    if state.target is not None:
        for path, name in _FACTS.items():
            if value := getattr(state.target, name):
                found[here, path] = value
    for overlay in state.overlays:
        found[here, (KUSTOMIZE, overlay.name)] = overlay.workload or ""
    for binding in state.manifests:
        found[here, (MANIFESTS, binding.name)] = ""
    for workload in state.workloads:
        file = workload_file(workload.name)
        chart = (workload.chart, workload.chart_version, workload.chart_digest)
        found[file, CHART] = chart
        if workload.namespace is not None:
            found[file, NAMESPACE] = workload.namespace
        if workload.allow_nondeterministic:
            found[file, NONDETERMINISM] = True
    for row in state.variables:
        found[_file_of(row, state), (row.key,)] = row
    return found


def take(state: State, to: State, place: Place) -> State:
    """Return `state` with one place as it is in `to`.

    :raises StateRefused: a name that something else has taken meanwhile
    """
    file, path = place
    if file == target_file(state.tenant, state.environment):
        return _take_from_target(state, to, path)
    rows = {(_file_of(row, to), (row.key,)): row for row in to.variables}
    if place in rows or any(
        (_file_of(row, state), (row.key,)) == place for row in state.variables
    ):
        rest = [r for r in state.variables if (_file_of(r, state), (r.key,)) != place]
        put = [rows[place]] if place in rows else []
        return replace(state, variables=(*rest, *put))
    name = next(w.name for w in state.workloads if workload_file(w.name) == file)
    workload = _workload_with(state.workload_named[name], to.workload_named[name], path)
    kept = tuple(w for w in state.workloads if w.name != name)
    return replace(state, workloads=(*kept, workload))


def show(value: object) -> str | None:
    """Return what stands at a place as people may read it."""
    if value is None:
        return None
    if isinstance(value, VariableState):
        return value.value if value.fingerprint is None else mask_of(value.fingerprint)
    if isinstance(value, tuple):
        # Of a chart the name and version, not the digest.
        return " ".join(str(part) for part in value[:2])
    if value is True:
        return "true"
    return str(value) or "bound"


def _take_from_target(state: State, to: State, path: Path) -> State:
    if path in _FACTS:
        if state.target is None or to.target is None:
            return replace(state, target=to.target)
        name = _FACTS[path]
        fact = {name: getattr(to.target, name)}
        return replace(state, target=replace(state.target, **fact))
    kind, name = path
    if kind == MANIFESTS:
        manifests = {one.name: one for one in state.manifests}
        bound = {one.name: one for one in to.manifests}
        return replace(state, manifests=_taken(manifests, bound, name))
    overlays = {one.name: one for one in state.overlays}
    then = {one.name: one for one in to.overlays}
    if name in overlays and name in then:
        moved = replace(overlays[name], workload=then[name].workload)
        then = {name: moved}
    return replace(state, overlays=_taken(overlays, then, name))


def _taken(
    now: Mapping[str, Part], then: Mapping[str, Part], name: str
) -> tuple[Part, ...]:
    left: dict[str, Part] = {key: part for key, part in now.items() if key != name}
    if name in then:
        left[name] = then[name]
    return tuple(left.values())


def _workload_with(
    now: WorkloadState, then: WorkloadState, path: Path
) -> WorkloadState:
    if path == CHART:
        return replace(
            now,
            chart=then.chart,
            chart_version=then.chart_version,
            chart_digest=then.chart_digest,
        )
    if path == NAMESPACE:
        return replace(now, namespace=then.namespace)
    return replace(now, allow_nondeterministic=then.allow_nondeterministic)


def _file_of(row: VariableState, state: State) -> str:
    return variables_file(
        row.scope,
        tenant=state.tenant,
        environment=state.environment,
        service=row.service,
    )
