"""The parts of a state: target, workloads, overlays, manifests, variables, policy.

Each puts itself in order and refuses what contradicts itself; how they make one
document is in `state`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

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
        put(self, "api_versions", tuple(sorted(set(self.api_versions))))


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
        put(self, "layers", tuple(kept))

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
        put(self, "files", tuple(sorted(files.items())))


@dataclass(frozen=True)
class ManifestState:
    """One manifest binding: a named set of plain files."""

    name: str
    files: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        files = _pairs(self.files, f"files of manifests {self.name}")
        put(self, "files", tuple(sorted(files.items())))


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


def _pairs(pairs: Iterable[tuple[str, str]], what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, digest in pairs:
        if name in found:
            raise StateRefused(f"{what}: {name} occurs twice")
        found[name] = digest
    return found


def put(part: object, name: str, value: object) -> None:
    """Put a part in order while it is made; frozen dataclasses refuse assignment."""
    object.__setattr__(part, name, value)
