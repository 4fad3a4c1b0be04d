"""When two documents are the same resource to a cluster.

Which kinds live outside namespaces is known for Kubernetes' own; for others it is read
from the custom resource definitions at hand.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from delivery.rendering.units import Document
from environments.desired.yamltrees import Tree, read_tree

CLUSTER_KINDS: Final = frozenset(
    {
        *(("", kind) for kind in ("Namespace", "Node", "PersistentVolume")),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("networking.k8s.io", "IPAddress"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "ServiceCIDR"),
        ("node.k8s.io", "RuntimeClass"),
        ("policy", "PodSecurityPolicy"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("resource.k8s.io", "DeviceClass"),
        ("resource.k8s.io", "ResourceSlice"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("storage.k8s.io", "CSINode"),
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "VolumeAttachment"),
        ("storage.k8s.io", "VolumeAttributesClass"),
    }
)
"""Group and kind of what Kubernetes itself keeps outside namespaces."""


GroupKind = tuple[str, str]


class Identity(NamedTuple):
    """What a cluster tells resources apart by; versions of one group are the same."""

    group: str
    kind: str
    namespace: str
    name: str

    @property
    def title(self) -> str:
        """The resource in words."""
        inside = f" in namespace {self.namespace}" if self.namespace else ""
        return f"{self.kind} {self.name}{inside}"

    @property
    def reaches(self) -> str:
        """The namespace that it is in, or is; nothing outside namespaces."""
        is_namespace = (self.group, self.kind) == ("", "Namespace")
        return self.name if is_namespace else self.namespace


def cluster_kinds(documents: Iterable[Document]) -> frozenset[GroupKind]:
    """Give group and kind of what documents define to live outside namespaces."""
    return frozenset(
        found
        for document in documents
        if document.is_definition
        if (found := _cluster_kind(document)) is not None
    )


def identity(
    document: Document, namespace: str, custom: frozenset[GroupKind]
) -> Identity:
    """Give a document's identity where ``namespace`` is the default.

    ``custom`` is what `cluster_kinds` gave.
    """
    group_kind = (document.group, document.kind)
    is_outside = group_kind in CLUSTER_KINDS or group_kind in custom
    place = "" if is_outside else document.namespace or namespace
    return Identity(*group_kind, place, document.name)


def _cluster_kind(document: Document) -> GroupKind | None:
    spec = _map(_map(read_tree(document.text)).get("spec"))
    kind = _map(spec.get("names")).get("kind")
    if spec.get("scope") != "Cluster" or not isinstance(kind, str):
        return None
    return str(spec.get("group") or ""), kind


def _map(tree: Tree) -> dict[str, Tree]:
    return tree if isinstance(tree, dict) else {}
