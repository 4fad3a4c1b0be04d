"""The files a deploy writes beside the rendered folder, as text made of plain facts.

Every string is quoted, so that no value can change the shape of a file.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

BRANCH = "main"
RECORDS = ".gitopshq"
"""The folder of the records of deploys."""


@dataclass(frozen=True)
class DeployedTarget:
    """The target that a deploy commit is about, and where clusters find it.

    `repository_url` is the clone address. `cluster` is the name Argo CD knows the
    cluster by; empty for the one it runs in. `namespaces` are those of the rendered
    resources that name one.
    """

    project: str
    tenant: str
    environment: str
    namespace: str
    repository_url: str
    cluster: str = ""
    namespaces: frozenset[str] = frozenset()

    @property
    def folder(self) -> str:
        """Return the folder of the rendering on `main`."""
        return f"{self.tenant}/{self.environment}"

    @property
    def name(self) -> str:
        """Return the name of the Application and of the Flux objects."""
        return f"{self.project}.{self.tenant}.{self.environment}"


@dataclass(frozen=True)
class DeployedRelease:
    """What the record of a deploy says; digests and hashes in hex."""

    name: str
    source_commit: str
    digest: str
    audit_sequence: int
    audit_hash: str


def bookkeeping_files(
    target: DeployedTarget, release: DeployedRelease
) -> dict[str, bytes]:
    """Return path -> bytes of every file a deploy writes outside the folder."""
    return {
        f"{RECORDS}/{target.folder}.json": record(target, release).encode(),
        f".argocd/{target.folder}.yaml": argocd_application(target).encode(),
        f".flux/{target.folder}.yaml": flux_objects(target).encode(),
    }


def record(target: DeployedTarget, release: DeployedRelease) -> str:
    """Return the record of a deploy as JSON; it carries the head of the audit trail."""
    facts = {
        "project": target.project,
        "tenant": target.tenant,
        "environment": target.environment,
        "release": release.name,
        "sourceCommit": release.source_commit,
        "digest": release.digest,
        "audit": {"sequence": release.audit_sequence, "hash": release.audit_hash},
    }
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def argocd_application(target: DeployedTarget) -> str:
    """Return the Argo CD Application that follows the target's folder."""
    # A destination names its cluster by address or by name, never by both.
    cluster = (
        {"name": target.cluster}
        if target.cluster
        else {"server": "https://kubernetes.default.svc"}
    )
    return _documents(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {
                "name": target.name,
                "namespace": "argocd",
                # Relative to the path: only commits to this folder refresh it.
                "annotations": {"argocd.argoproj.io/manifest-generate-paths": "."},
            },
            "spec": {
                "project": "default",
                "source": {
                    "repoURL": target.repository_url,
                    "targetRevision": BRANCH,
                    "path": target.folder,
                    # Units have folders of their own; Argo CD looks in none by itself.
                    "directory": {"recurse": True},
                },
                "destination": {**cluster, "namespace": target.namespace},
            },
        }
    )


def flux_objects(target: DeployedTarget) -> str:
    """Return the Flux GitRepository and the Kustomization of the target's folder."""
    spec: dict[str, Any] = {
        "interval": "10m",
        "path": f"./{target.folder}",
        "prune": True,
        "sourceRef": {"kind": "GitRepository", "name": target.name},
    }
    # targetNamespace overrides what a resource names itself, so it is left out where
    # that would move a resource.
    if target.namespaces <= {target.namespace}:
        spec["targetNamespace"] = target.namespace
    metadata = {"name": target.name, "namespace": "flux-system"}
    return _documents(
        {
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "GitRepository",
            "metadata": metadata,
            "spec": {
                "interval": "1m",
                "url": target.repository_url,
                "ref": {"branch": BRANCH},
                "secretRef": {"name": f"gitopshq-{target.project}"},
            },
        },
        {
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
            "kind": "Kustomization",
            "metadata": dict(metadata),
            "spec": spec,
        },
    )


class _Quoted(str):
    """A value that is written in double quotes, whatever it looks like."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes no anchors, and quotes as asked."""

    def ignore_aliases(self, data: object) -> bool:
        return True


_Dumper.add_representer(
    _Quoted,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", str(text), style='"'
    ),
)


def _documents(*documents: Mapping[str, Any]) -> str:
    return yaml.dump_all(
        [_quoted(document) for document in documents],
        Dumper=_Dumper,
        sort_keys=False,
        explicit_start=len(documents) > 1,
        width=2**31 - 1,
    )


def _quoted(value: object) -> object:
    """Mark every text that stands as a value; keys are our own words."""
    if isinstance(value, Mapping):
        return {key: _quoted(inner) for key, inner in value.items()}
    return _Quoted(value) if isinstance(value, str) else value
