"""Placeholders put into the texts of a state: resolved texts, or everything unresolved.

Which row answers a name is in `scoping`, how a value goes into a text in
`substitution`; nothing is rendered here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from environments.desired import source_files, source_layout
from environments.desired.placeholders import Placeholder
from environments.desired.scoping import VariableIndex, scopes_looked_at
from environments.desired.state import State, Target, VariableState
from environments.desired.substitution import PlaceholderRefused, substitute
from environments.desired.text_store import Texts
from environments.desired.texts import TextRefused

MASK_DIGITS = 8

Reveal = Callable[[str], str]
"""From the fingerprint of a secret to its plaintext, or to a mask for people."""

Refusal = PlaceholderRefused | TextRefused
"""Why a value cannot be put in; both tell `path`, `line` and `reason`."""


@dataclass(frozen=True)
class UnresolvedName:
    """A placeholder that no row answers; `line` counts from 1."""

    path: str
    line: int
    name: str
    pinned: str | None
    scopes_looked_at: tuple[str, ...]
    unit: str

    def __str__(self) -> str:
        """Say what is missing, where, and where it was looked for."""
        looked = ", ".join(self.scopes_looked_at) or "none is open here"
        return f"{self.path}:{self.line}: {self.name} is unresolved (scopes: {looked})"


class Unresolved(Exception):
    """Names without a row, and values that cannot stand where they are asked for."""

    def __init__(
        self,
        names: Iterable[UnresolvedName],
        refused: Iterable[Refusal] = (),
    ) -> None:
        self.names = tuple(names)
        self.refused = tuple(refused)
        super().__init__("; ".join(map(str, (*self.names, *self.refused))))


@dataclass(frozen=True)
class UnitTexts:
    """The texts that one rendered unit is made of, by their source path.

    `service` is the workload whose `svc` variables count, if any.
    """

    name: str
    kind: str
    service: str | None
    texts: Mapping[str, str]


@dataclass(frozen=True)
class ResolvedState:
    """Every unit of a state with the variables put in."""

    units: tuple[UnitTexts, ...]

    @property
    def files(self) -> dict[str, str]:
        """All texts by source path."""
        return {path: text for unit in self.units for path, text in unit.texts.items()}


def mask_of(fingerprint: str) -> str:
    """Return what people see in place of a secret."""
    return f"<secret {fingerprint[:MASK_DIGITS]}>"


def effective_variables(state: State, service: str | None) -> dict[str, VariableState]:
    """Return the row that answers each unpinned key for a service, or for none."""
    index = VariableIndex(state.variables)
    answered = ((key, index.answers(key, service)) for key in sorted(index.keys()))
    return {key: rows[0] for key, rows in answered if rows}


def units(state: State, texts: Texts) -> Iterator[UnitTexts]:
    """Yield what each unit is made of, placeholders and all.

    An overlay attached to a workload belongs to the workload's unit. Texts are loaded
    unit by unit.
    """
    paths = _Paths(state.tenant, state.environment)
    for workload in state.workloads:
        held = {
            paths.values(workload.name, layer): texts[digest]
            for layer, digest in workload.layers
        }
        for overlay in state.overlays:
            if overlay.workload == workload.name:
                held |= paths.overlay(overlay.name, overlay.files, texts)
        yield UnitTexts(workload.name, "workload", workload.name, held)
    for overlay in state.overlays:
        if overlay.workload not in state.workload_named:
            held = paths.overlay(overlay.name, overlay.files, texts)
            yield UnitTexts(overlay.name, "kustomize_binding", overlay.workload, held)
    for manifests in state.manifests:
        held = paths.manifests(manifests.name, manifests.files, texts)
        yield UnitTexts(manifests.name, "manifest_binding", None, held)


def resolve(state: State, texts: Texts, reveal: Reveal) -> ResolvedState:
    """Return every text with its placeholders replaced.

    Workloads and the overlays attached to them see their `svc` variables; the rest
    sees tenant, environment and project.

    :raises Unresolved: with every name that has no row and every value refused
    """
    resolver = _Resolver(state, reveal)
    resolved = tuple(resolver.resolve(unit) for unit in units(state, texts))
    if resolver.names or resolver.refused:
        raise Unresolved(resolver.names, resolver.refused)
    return ResolvedState(resolved)


def resolved_files(
    state: State, texts: Texts, reveal: Reveal = mask_of
) -> dict[str, str]:
    """Return resolved texts by source path, for people to compare.

    Secrets are masked; a name without a row shows as `<unresolved NAME>`; a text that
    a value may not be put into stays as it is.
    """
    resolver = _Resolver(state, reveal)
    resolved = tuple(resolver.resolve(unit) for unit in units(state, texts))
    return ResolvedState(resolved).files


def plain_files(state: State, texts: Texts) -> dict[str, str]:
    """Return every file of the state as the `source` branch lays it out.

    A workload's definition shows the chart version and namespace that count here.
    """
    files = ResolvedState(tuple(units(state, texts))).files
    for workload in state.workloads:
        files[source_layout.workload_file(workload.name)] = source_files.workload_text(
            chart=workload.chart,
            version=workload.chart_version,
            digest=workload.chart_digest,
            namespace=workload.namespace,
            allow_nondeterministic=workload.allow_nondeterministic,
        )
    files |= _variable_files(state)
    if state.target is not None:
        path = source_layout.target_file(state.tenant, state.environment)
        files[path] = _target_text(
            state.target,
            workloads=tuple(workload.name for workload in state.workloads),
            overlays=tuple((found.name, found.workload) for found in state.overlays),
            manifests=tuple(manifests.name for manifests in state.manifests),
        )
    if state.policy is not None:
        path = source_layout.policy_file(state.environment)
        files[path] = source_files.policy_text(state.policy)
    return dict(sorted(files.items()))


@lru_cache(maxsize=256)
def _target_text(
    target: Target,
    *,
    workloads: tuple[str, ...],
    overlays: tuple[tuple[str, str | None], ...],
    manifests: tuple[str, ...],
) -> str:
    """Return a target's file; kept, for both sides of most diffs have the same one."""
    return source_files.target_text(
        namespace=target.namespace,
        kubernetes_version=target.kubernetes_version,
        api_versions=target.api_versions,
        workloads={name: {} for name in workloads},
        overlays={name: {"workload": to} if to else {} for name, to in overlays},
        manifests=manifests,
    )


def _variable_files(state: State) -> dict[str, str]:
    rows: dict[str, list[VariableState]] = {}
    for row in state.variables:
        path = source_layout.variables_file(
            row.scope,
            tenant=state.tenant,
            environment=state.environment,
            service=row.service,
        )
        rows.setdefault(path, []).append(row)
    return {path: source_files.variables_text(found) for path, found in rows.items()}


@dataclass(frozen=True)
class _Paths:
    """Source paths of the files of one tenant-environment."""

    tenant: str
    environment: str

    def values(self, workload: str, layer: str) -> str:
        return source_layout.values_file(
            workload, layer, tenant=self.tenant, environment=self.environment
        )

    def overlay(
        self, name: str, files: tuple[tuple[str, str], ...], texts: Texts
    ) -> dict[str, str]:
        at = source_layout.overlay_file
        return {
            at(self.tenant, self.environment, name, path): texts[digest]
            for path, digest in files
        }

    def manifests(
        self, name: str, files: tuple[tuple[str, str], ...], texts: Texts
    ) -> dict[str, str]:
        at = source_layout.manifest_file
        return {
            at(self.tenant, self.environment, name, path): texts[digest]
            for path, digest in files
        }


@dataclass
class _Resolver:
    """Resolves unit by unit and gathers what cannot be."""

    state: State
    reveal: Reveal
    names: list[UnresolvedName] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.index = VariableIndex(self.state.variables)

    def resolve(self, unit: UnitTexts) -> UnitTexts:
        resolved = {path: self._text(unit, path) for path in unit.texts}
        return UnitTexts(unit.name, unit.kind, unit.service, resolved)

    def _text(self, unit: UnitTexts, path: str) -> str:
        def lookup(asked: Placeholder) -> str:
            rows = self.index.answers(asked.key, unit.service, asked.scope)
            if rows:
                return self._value(rows[0])
            looked_at = scopes_looked_at(unit.service, asked.scope)
            self.names.append(
                UnresolvedName(
                    path, asked.line, asked.key, asked.scope, looked_at, unit.name
                )
            )
            return f"<unresolved {asked.key}>"

        text = unit.texts[path]
        try:
            return substitute(text, lookup, path=path)
        except (PlaceholderRefused, TextRefused) as refusal:
            self.refused.append(refusal)
            return text

    def _value(self, row: VariableState) -> str:
        if row.fingerprint is not None:
            return self.reveal(row.fingerprint)
        return row.value or ""
