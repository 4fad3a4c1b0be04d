"""Going back to all of an earlier state, or to all that some services were in it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from environments.desired.changes.differing import refuse_other_place
from environments.desired.reverting.refusals import Conflict, Conflicts, UnknownPart
from environments.desired.source_layout import target_file
from environments.desired.state import (
    OverlayState,
    State,
    VariableState,
    WorkloadState,
)
from environments.desired.values import pointer


def revert_all(deployed: State, to: State) -> State:
    """Return the earlier state `to` under the policy that is deployed.

    :raises ValueError: states of two places
    """
    refuse_other_place(deployed, to)
    return replace(to, policy=deployed.policy)


def revert_services(deployed: State, to: State, services: Sequence[str]) -> State:
    """Return `deployed` with some services as they were in `to`, or without them.

    A service owns its workload with all values layers, the overlays attached to it,
    and its variables of scope svc. Everything else stays as it is deployed.

    :raises ValueError: states of two places
    :raises UnknownPart: a service in neither state
    :raises Conflicts: a name that the service had is taken by something else now
    """
    refuse_other_place(deployed, to)
    for index, name in enumerate(services):
        if name not in deployed.workload_named and name not in to.workload_named:
            raise UnknownPart("services", index, f"no service {name} here, then or now")
    kept = _Parts.of(deployed, services, owned=False)
    put = _Parts.of(to, services, owned=True)
    _refuse_taken(deployed, kept, put)
    return replace(
        deployed,
        workloads=(*kept.workloads, *put.workloads),
        overlays=(*kept.overlays, *put.overlays),
        variables=(*kept.variables, *put.variables),
    )


@dataclass(frozen=True)
class _Parts:
    """What some services own of a state, or all that they do not."""

    workloads: tuple[WorkloadState, ...]
    overlays: tuple[OverlayState, ...]
    variables: tuple[VariableState, ...]

    @classmethod
    def of(cls, state: State, services: Collection[str], *, owned: bool) -> "_Parts":
        return cls(
            tuple(w for w in state.workloads if (w.name in services) is owned),
            tuple(o for o in state.overlays if (o.workload in services) is owned),
            tuple(v for v in state.variables if (v.service in services) is owned),
        )


def _refuse_taken(deployed: State, kept: _Parts, put: _Parts) -> None:
    taken = {
        **{workload.name: "a service" for workload in kept.workloads},
        **{manifest.name: "manifests" for manifest in deployed.manifests},
        **{
            overlay.name: f"an overlay {_attached(overlay)}"
            for overlay in kept.overlays
        },
    }
    file = target_file(deployed.tenant, deployed.environment)
    wanted = [("workloads", workload.name) for workload in put.workloads]
    wanted += [("kustomize", overlay.name) for overlay in put.overlays]
    clashes = [
        Conflict(file, pointer(path), f"the name is taken by {taken[path[1]]} now")
        for path in wanted
        if path[1] in taken
    ]
    if clashes:
        raise Conflicts(clashes)


def _attached(overlay: OverlayState) -> str:
    return f"attached to {overlay.workload}" if overlay.workload else "of its own"
