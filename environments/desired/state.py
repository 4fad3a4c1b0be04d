"""The complete desired state of one tenant-environment as one immutable document.

Texts appear by their SHA-256 only; loading them is the caller's business. What differs
between two documents is told in `changes`, not here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from environments.desired.parts import (
    DEPLOY_MODES,
    EMPTY_TEXT,
    LAYERS,
    SCOPES,
    ApprovalRequirements,
    ManifestState,
    OverlayState,
    PolicyState,
    StateRefused,
    Target,
    VariableState,
    WorkloadState,
    put,
)

__all__ = [
    "DEPLOY_MODES",
    "EMPTY_TEXT",
    "LAYERS",
    "SCOPES",
    "ApprovalRequirements",
    "ManifestState",
    "OverlayState",
    "PolicyState",
    "State",
    "StateRefused",
    "Target",
    "VariableState",
    "WorkloadState",
    "canonical_digest",
]

FORMAT = 1


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
            put(self, kind, tuple(sorted(getattr(self, kind), key=lambda o: o.name)))
        put(self, "variables", tuple(sorted(self.variables, key=lambda v: v.place)))
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
        target = self.target and _row(self.target)
        policy = self.policy and {
            **_row(self.policy),
            "approval_requirements": _row(self.policy.approval_requirements),
        }
        return {
            "format": FORMAT,
            "project": self.project,
            "tenant": self.tenant,
            "environment": self.environment,
            "target": target,
            "workloads": [_row(workload) for workload in self.workloads],
            "overlays": [_row(overlay) for overlay in self.overlays],
            "manifests": [_row(binding) for binding in self.manifests],
            "variables": [_row(variable) for variable in self.variables],
            "policy": policy,
        }

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


def _row(part: object) -> dict[str, Any]:
    """Return the fields of a part as JSON values: tuples as lists."""
    return {
        name: _listed(value) if isinstance(value, tuple) else value
        for name, value in vars(part).items()
    }


def _listed(values: tuple[object, ...]) -> list[object]:
    return [_listed(one) if isinstance(one, tuple) else one for one in values]


def _policy(row: Mapping[str, Any] | None) -> PolicyState | None:
    if row is None:
        return None
    requirements = ApprovalRequirements(**row["approval_requirements"])
    return PolicyState(**{**row, "approval_requirements": requirements})


def _refuse_twice(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise StateRefused(f"{name} occurs twice")
        seen.add(name)
