"""Edits of one unit of a target, tried before they are saved.

What variables are missing is known at once; what is rendered a worker tells.
"""

from dataclasses import dataclass, replace

from django.db import transaction

from environments import ports
from environments.capture import state_of, workload_as_bound
from environments.desired.resolving import Unresolved, mask_of, resolve
from environments.desired.state import (
    EMPTY_TEXT,
    LAYERS,
    ManifestState,
    OverlayState,
    State,
)
from environments.desired.texts import text_digest
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Workload,
)
from environments.stored import DatabaseTexts, store_texts
from gitopshq.core.errors import FieldError


@dataclass(frozen=True, slots=True)
class Tried:
    """What an edit would do in *target*: problems, or what a worker rendered."""

    target: TenantEnvironment
    unresolved: tuple[FieldError, ...] = ()
    trial: ports.Trial | None = None


def try_values(
    target: TenantEnvironment, workload: str, *, layer: str, text: str
) -> Tried | None:
    """Try another text of one layer; None where the workload is not bound there."""
    with transaction.atomic():
        now = _alone(state_of(target), workload)
        if not now.workloads:
            return None
        store_texts([text])
    (found,) = now.workloads
    layers = {**dict(found.layers), layer: text_digest(text)}
    said = tuple((name, layers[name]) for name in LAYERS if name in layers)
    kept = tuple(pair for pair in said if pair[1] != EMPTY_TEXT)
    return _compared(
        target, now, replace(now, workloads=(replace(found, layers=kept),))
    )


def try_presence(target: TenantEnvironment, workload: Workload, *, on: bool) -> Tried:
    """Try the target with a workload that is not bound there yet, or without it."""
    with transaction.atomic():
        now = _alone(state_of(target), workload.name)
        added = (workload_as_bound(workload, target),) if on else ()
    overlays = now.overlays if on else ()
    return _compared(target, now, replace(now, workloads=added, overlays=overlays))


def try_files(binding: KustomizeBinding | ManifestBinding, *, on: bool) -> Tried:
    """Try the target with an overlay or manifests turned on or off."""
    target, files = binding.target, tuple(binding.files.items())
    with transaction.atomic():
        state = replace(state_of(target), manifests=(), policy=None)
    if isinstance(binding, ManifestBinding):
        bare = replace(state, workloads=(), overlays=())
        manifests = (ManifestState(name=binding.name, files=files),)
        with_it = replace(bare, manifests=manifests)
    else:
        fed_by = binding.workload.name if binding.workload else None
        workloads = tuple(one for one in state.workloads if one.name == fed_by)
        bare = replace(state, workloads=workloads, overlays=())
        overlay = OverlayState(name=binding.name, workload=fed_by, files=files)
        with_it = replace(bare, overlays=(overlay,))
    now, then = (bare, with_it) if on else (with_it, bare)
    return _compared(target, now, then)


def _compared(target: TenantEnvironment, now: State, then: State) -> Tried:
    try:
        resolve(then, DatabaseTexts(), mask_of)
    except Unresolved as found:
        return Tried(target, unresolved=tuple(_worded(found)))
    return Tried(target, trial=ports.dry_run.answer(target, now, then))


def _alone(state: State, workload: str) -> State:
    """Return the State with one workload and its overlays: no other unit matters."""
    return replace(
        state,
        workloads=tuple(one for one in state.workloads if one.name == workload),
        overlays=tuple(one for one in state.overlays if one.workload == workload),
        manifests=(),
        policy=None,
    )


def _worded(found: Unresolved) -> list[FieldError]:
    missing = [
        FieldError(
            "",
            "variable_unresolved",
            f"the variable {one.name} is set at none of: "
            f"{', '.join(one.scopes_looked_at) or 'no scope is open here'}",
            one.path,
            one.line,
        )
        for one in found.names
    ]
    refused = [
        FieldError("", "template_error", one.reason, one.path, one.line)
        for one in found.refused
    ]
    return [*missing, *refused]
