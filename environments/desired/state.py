"""The complete desired state of one tenant-environment as one immutable document.

Texts appear by their SHA-256 only; loading them is the caller's business. What differs
between two documents is told in `changes`, not here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

FORMAT = 1

#: Values layers from broad to narrow; the narrower one wins.
LAYERS = ("base", "environment", "tenant", "target")

#: Variable scopes from broad to narrow; the narrower one wins.
SCOPES = ("repo", "env", "tenant", "svc")

DEPLOY_MODES = ("manual", "auto")

#: A layer whose text is empty is no layer: both read the same to Helm.
EMPTY_TEXT = hashlib.sha256(b"").hexdigest()


class StateRefused(ValueError):
    """The parts do not make one consistent document."""


@dataclass(frozen=True)
class Target:
    """Where the manifests go: facts of the place that rendering depends on."""

    namespace: str
    kubernetes_version: str = ""
    api_versions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _set(self, "api_versions", tuple(sorted(set(self.api_versions))))


@dataclass(frozen=True)
class WorkloadState:
    """One workload bound to the target, with the chart version that counts here."""

    name: str
    chart: str
    chart_version: str
    chart_digest: str
    namespace: str | None = None
    allow_nondeterministic: bool = False
    layers: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        found = _pairs(self.layers, f"layers of workload {self.name}")
        if unknown := found.keys() - set(LAYERS):
            raise StateRefused(f"no such values layer: {', '.join(sorted(unknown))}")
        kept = (
            (layer, found[layer])
            for layer in LAYERS
            if found.get(layer, EMPTY_TEXT) != EMPTY_TEXT
        )
        _set(self, "layers", tuple(kept))

    def layer(self, name: str) -> str:
        """Return the digest of a layer's text; that of the empty text if absent."""
        return dict(self.layers).get(name, EMPTY_TEXT)


@dataclass(frozen=True)
class OverlayState:
    """One Kustomize binding: standalone, or attached to a workload."""

    name: str
    workload: str | None = None
    files: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        files = _pairs(self.files, f"files of overlay {self.name}")
        _set(self, "files", tuple(sorted(files.items())))


@dataclass(frozen=True)
class ManifestState:
    """One manifest binding: a named set of plain files."""

    name: str
    files: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        files = _pairs(self.files, f"files of manifests {self.name}")
        _set(self, "files", tuple(sorted(files.items())))


@dataclass(frozen=True)
class VariableState:
    """One variable row that reaches the target, shadowed or not.

    A secret has a fingerprint and no value; `service` is set for scope `svc` alone.
    """

    scope: str
    key: str
    service: str | None = None
    value: str | None = None
    secret: bool = False
    fingerprint: str | None = None

    def __post_init__(self) -> None:
        if self.scope not in SCOPES:
            raise StateRefused(f"no such variable scope: {self.scope}")
        if (self.scope == "svc") != (self.service is not None):
            raise StateRefused(f"{self.key}: a service goes with scope svc alone")
        if self.secret != (self.fingerprint is not None):
            raise StateRefused(f"{self.key}: a fingerprint goes with a secret alone")
        if self.secret == (self.value is not None):
            raise StateRefused(f"{self.key}: needs a value, or a fingerprint if secret")

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells this row from all others: scope, key and service or ""."""
        return (self.scope, self.key, self.service or "")


@dataclass(frozen=True)
class ApprovalRequirements:
    """The part of an environment's policy about people; hours are whole hours."""

    required_approvals: int = 0
    block_self_approval: bool = True
    approval_expiry_hours: int | None = None
    auto_approve: bool = False
    block_self_deploy: bool = False


@dataclass(frozen=True)
class PolicyState:
    """The environment's policy as a release carries it."""

    approval_requirements: ApprovalRequirements = field(
        default_factory=ApprovalRequirements
    )
    deploy_mode: str = "manual"

    def __post_init__(self) -> None:
        if self.deploy_mode not in DEPLOY_MODES:
            raise StateRefused(f"no such deploy mode: {self.deploy_mode}")


@dataclass(frozen=True)
class State:
    """Everything that decides what one tenant-environment's manifests are.

    Parts may be given in any order. `target` and `policy` are None only before the
    first release.

    :raises StateRefused: a name or a variable occurs twice
    """

    project: str
    tenant: str
    environment: str
    target: Target | None = None
    workloads: tuple[WorkloadState, ...] = ()
    overlays: tuple[OverlayState, ...] = ()
    manifests: tuple[ManifestState, ...] = ()
    variables: tuple[VariableState, ...] = ()
    policy: PolicyState | None = None

    def __post_init__(self) -> None:
        for kind in ("workloads", "overlays", "manifests"):
            _set(self, kind, tuple(sorted(getattr(self, kind), key=lambda o: o.name)))
        _set(self, "variables", tuple(sorted(self.variables, key=lambda v: v.place)))
        workloads = [workload.name for workload in self.workloads]
        _refuse_twice([*workloads, *(binding.name for binding in self.bindings)])
        _refuse_twice(" ".join(variable.place) for variable in self.variables)

    @classmethod
    def empty(cls, project: str, tenant: str, environment: str) -> Self:
        """Return what a target holds before its first release."""
        return cls(project, tenant, environment)

    @property
    def place(self) -> tuple[str, str, str]:
        """The project, tenant and environment that this is the state of."""
        return (self.project, self.tenant, self.environment)

    @property
    def bindings(self) -> tuple[OverlayState | ManifestState, ...]:
        """Overlays and manifest bindings."""
        return (*self.overlays, *self.manifests)

    @cached_property
    def workload_named(self) -> Mapping[str, WorkloadState]:
        """Workloads by name."""
        return {workload.name: workload for workload in self.workloads}

    @cached_property
    def text_digests(self) -> frozenset[str]:
        """The digests of every text that this document refers to."""
        held = [pair for w in self.workloads for pair in w.layers]
        held += [pair for binding in self.bindings for pair in binding.files]
        return frozenset(digest for _, digest in held)

    def to_json(self) -> dict[str, Any]:
        """Return the document as JSON values; equal states give equal documents."""
        # Tuples become lists at once, so that what was stored reads back equal.
        document: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return {"format": FORMAT, **document}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return the state that `to_json` wrote.

        :raises StateRefused: another format, or parts that do not fit
        """
        parts = dict(document)
        if parts.pop("format", None) != FORMAT:
            raise StateRefused("a state of another format")
        try:
            target = parts.pop("target")
            return cls(
                project=parts.pop("project"),
                tenant=parts.pop("tenant"),
                environment=parts.pop("environment"),
                target=Target(**target) if target else None,
                workloads=tuple(WorkloadState(**w) for w in parts.pop("workloads")),
                overlays=tuple(OverlayState(**o) for o in parts.pop("overlays")),
                manifests=tuple(ManifestState(**m) for m in parts.pop("manifests")),
                variables=tuple(VariableState(**v) for v in parts.pop("variables")),
                policy=_policy(parts.pop("policy")),
                **parts,  # whatever else there is, is refused here
            )
        except (KeyError, TypeError) as error:
            raise StateRefused(f"not a state: {error}") from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, policy included."""
        return canonical_digest(self.to_json())

    @cached_property
    def rendering_digest(self) -> str:
        """SHA-256 of the canonical JSON without the policy: what is rendered."""
        document = self.to_json()
        del document["policy"]
        return canonical_digest(document)


def canonical_digest(document: object) -> str:
    """Return the SHA-256 of JSON values: sorted keys, no white space, UTF-8."""
    text = json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _policy(row: Mapping[str, Any] | None) -> PolicyState | None:
    if row is None:
        return None
    requirements = ApprovalRequirements(**row["approval_requirements"])
    return PolicyState(**{**row, "approval_requirements": requirements})


def _pairs(pairs: Iterable[tuple[str, str]], what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, digest in pairs:
        if name in found:
            raise StateRefused(f"{what}: {name} occurs twice")
        found[name] = digest
    return found


def _refuse_twice(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise StateRefused(f"{name} occurs twice")
        seen.add(name)


def _set(part: object, name: str, value: object) -> None:
    """Put a part in order while it is made; frozen dataclasses refuse assignment."""
    object.__setattr__(part, name, value)
