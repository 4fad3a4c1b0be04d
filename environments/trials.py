"""Edits of one unit of a target, tried before they are saved.

What variables are missing is known at once; what is rendered a worker tells.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db import transaction

from environments import ports
from environments.capture import state_of
from environments.desired.resolving import Unresolved, mask_of, resolve
from environments.desired.state import (
    EMPTY_TEXT,
    LAYERS,
    ManifestState,
    OverlayState,
    State,
    WorkloadState,
)
from environments.desired.texts import text_digest
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Workload,
)
from environments.selectors.layers import layers_of
from environments.stored import DatabaseTexts, store_texts
from gitopshq.core.errors import FieldError


@dataclass(frozen=True, slots=True)
class Tried:
    """What an edit would do in *target*: problems, or what a worker rendered."""

    target: TenantEnvironment
    unresolved: tuple[FieldError, ...] = ()
    trial: ports.Trial | None = None

    @property
    def is_fine(self) -> bool:
        """Whether it renders."""
        return self.trial is not None and self.trial.state == "ready"


def try_values(
    target: TenantEnvironment, workload: str, *, layer: str, text: str
) -> Tried | None:
    """Try another text of one layer; None where the workload is not bound there."""

    def edited(found: WorkloadState) -> WorkloadState:
        layers = dict(found.layers)
        layers[layer] = text_digest(text)
        kept = [(name, layers[name]) for name in LAYERS if name in layers]
        return replace(
            found, layers=tuple(pair for pair in kept if pair[1] != EMPTY_TEXT)
        )

    return _tried(target, workload, edited, [text])


def presence_of(workload: Workload, target: TenantEnvironment) -> WorkloadState:
    """Return the workload as it would be in a target that it is not bound to yet."""
    version = workload.chart_version
    layers = layers_of(workload, target.tenant, target.environment)
    return WorkloadState(
        name=workload.name,
        chart=version.chart.name,
        chart_version=version.version,
        chart_digest=version.digest,
        namespace=workload.namespace or None,
        allow_nondeterministic=workload.allow_nondeterministic,
        layers=tuple((one.name, text_digest(one.text)) for one in layers if one.text),
    )


def try_presence(
    target: TenantEnvironment, workload: str, *, added: WorkloadState | None
) -> Tried:
    """Try the target without the workload, or with it as *added*."""
    with transaction.atomic():
        now = _alone(state_of(target), workload)
    if added is None:
        then = replace(now, workloads=(), overlays=())
    else:
        then = replace(now, workloads=(added,))
    return _compared(target, now, then)


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


def _tried(
    target: TenantEnvironment,
    workload: str,
    edited: Callable[[WorkloadState], WorkloadState],
    texts: list[str],
) -> Tried | None:
    with transaction.atomic():
        now = _alone(state_of(target), workload)
        store_texts(texts)
    if not now.workloads:
        return None
    return _compared(
        target, now, replace(now, workloads=tuple(map(edited, now.workloads)))
    )


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
