"""API versions that Kubernetes has given up, or will: what to write in their place.

From the project's deprecation guide and the life cycle notes in its API types. Kinds
that nobody keeps in Git (reviews, events) are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from delivery.rendering.kubernetes import Kind, Minor, minor_of, release_of

REVISION: Final = 1
"""Goes up with every change below: the same inputs may then come out otherwise."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """From which release on an API version is deprecated, and gone.

    ``replacement`` is the API version to write instead, with the kind where that is
    another one; empty where there is none.
    """

    kind: Kind
    deprecated: Minor
    removed: Minor | None
    replacement: str


def _ends(
    api_versions: str, kinds: str, *, at: tuple[int, int | None], use: str
) -> Iterator[Lifetime]:
    deprecated, removed = at
    for api_version in api_versions.split():
        for kind in kinds.split():
            yield Lifetime(
                Kind(api_version, kind),
                Minor(1, deprecated),
                Minor(1, removed) if removed else None,
                use,
            )


_ADMISSION: Final = "admissionregistration.k8s.io"
_FLOW: Final = "flowcontrol.apiserver.k8s.io"
_FLOWS: Final = "FlowSchema PriorityLevelConfiguration"
_RBAC: Final = "rbac.authorization.k8s.io"
_ROLES: Final = "ClusterRole ClusterRoleBinding Role RoleBinding"
_WEBHOOKS: Final = "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
_POLICIES: Final = "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding"
_STORAGE: Final = "CSIDriver CSINode StorageClass VolumeAttachment"
_OLD_APPS: Final = "extensions/v1beta1 apps/v1beta1 apps/v1beta2"
_CERTIFICATES: Final = "certificates.k8s.io"

LIFETIMES: Final[dict[Kind, Lifetime]] = {
    row.kind: row
    for rows in (
        _ends(_OLD_APPS, "Deployment ReplicaSet", at=(9, 16), use="apps/v1"),
        _ends(
            "apps/v1beta1 apps/v1beta2",
            "StatefulSet ControllerRevision",
            at=(9, 16),
            use="apps/v1",
        ),
        _ends(
            "extensions/v1beta1 apps/v1beta2", "DaemonSet", at=(9, 16), use="apps/v1"
        ),
        _ends(
            "extensions/v1beta1",
            "NetworkPolicy",
            at=(9, 16),
            use="networking.k8s.io/v1",
        ),
        _ends("extensions/v1beta1", "PodSecurityPolicy", at=(10, 16), use=""),
        _ends("extensions/v1beta1", "Ingress", at=(14, 22), use="networking.k8s.io/v1"),
        _ends(
            "networking.k8s.io/v1beta1",
            "Ingress IngressClass",
            at=(19, 22),
            use="networking.k8s.io/v1",
        ),
        _ends(f"{_ADMISSION}/v1beta1", _WEBHOOKS, at=(16, 22), use=f"{_ADMISSION}/v1"),
        _ends(
            "apiextensions.k8s.io/v1beta1",
            "CustomResourceDefinition",
            at=(16, 22),
            use="apiextensions.k8s.io/v1",
        ),
        _ends(
            "apiregistration.k8s.io/v1beta1",
            "APIService",
            at=(19, 22),
            use="apiregistration.k8s.io/v1",
        ),
        _ends(
            f"{_CERTIFICATES}/v1beta1",
            "CertificateSigningRequest",
            at=(19, 22),
            use=f"{_CERTIFICATES}/v1",
        ),
        _ends(
            "coordination.k8s.io/v1beta1",
            "Lease",
            at=(19, 22),
            use="coordination.k8s.io/v1",
        ),
        _ends(
            f"{_RBAC}/v1alpha1 {_RBAC}/v1beta1", _ROLES, at=(17, 22), use=f"{_RBAC}/v1"
        ),
        _ends(
            "scheduling.k8s.io/v1alpha1 scheduling.k8s.io/v1beta1",
            "PriorityClass",
            at=(14, 22),
            use="scheduling.k8s.io/v1",
        ),
        _ends("storage.k8s.io/v1beta1", _STORAGE, at=(19, 22), use="storage.k8s.io/v1"),
        _ends("batch/v1beta1", "CronJob", at=(21, 25), use="batch/v1"),
        _ends(
            "discovery.k8s.io/v1beta1",
            "EndpointSlice",
            at=(21, 25),
            use="discovery.k8s.io/v1",
        ),
        _ends("policy/v1beta1", "PodDisruptionBudget", at=(21, 25), use="policy/v1"),
        _ends("policy/v1beta1", "PodSecurityPolicy", at=(21, 25), use=""),
        _ends("node.k8s.io/v1beta1", "RuntimeClass", at=(20, 25), use="node.k8s.io/v1"),
        _ends(
            "autoscaling/v2beta1",
            "HorizontalPodAutoscaler",
            at=(22, 25),
            use="autoscaling/v2",
        ),
        _ends(
            "autoscaling/v2beta2",
            "HorizontalPodAutoscaler",
            at=(23, 26),
            use="autoscaling/v2",
        ),
        _ends(f"{_FLOW}/v1beta1", _FLOWS, at=(23, 26), use=f"{_FLOW}/v1"),
        _ends(f"{_FLOW}/v1beta2", _FLOWS, at=(26, 29), use=f"{_FLOW}/v1"),
        _ends(f"{_FLOW}/v1beta3", _FLOWS, at=(29, 32), use=f"{_FLOW}/v1"),
        _ends(
            "storage.k8s.io/v1beta1",
            "CSIStorageCapacity",
            at=(24, 27),
            use="storage.k8s.io/v1",
        ),
        _ends(f"{_ADMISSION}/v1beta1", _POLICIES, at=(31, 34), use=f"{_ADMISSION}/v1"),
        _ends(
            "networking.k8s.io/v1beta1",
            "IPAddress ServiceCIDR",
            at=(34, 37),
            use="networking.k8s.io/v1",
        ),
        _ends(
            "storage.k8s.io/v1beta1",
            "VolumeAttributesClass",
            at=(34, 37),
            use="storage.k8s.io/v1",
        ),
        _ends("v1", "ComponentStatus", at=(19, None), use=""),
        _ends(
            "v1", "Endpoints", at=(33, None), use="discovery.k8s.io/v1 EndpointSlice"
        ),
    )
    for row in rows
}


def lifetime_in(kind: Kind, kubernetes_version: str) -> Lifetime | None:
    """Give the end of a kind's API version if it has begun in this release."""
    found = LIFETIMES.get(kind)
    if found is None:
        return None
    return found if found.deprecated <= release_of(kubernetes_version) else None


def removal(kind: Kind, kubernetes_version: str) -> str | None:
    """Say that a target's cluster no longer knows the API version, if that is so.

    Nothing where the target does not name its version: that is a matter for a warning.
    """
    release = minor_of(kubernetes_version)
    end = lifetime_in(kind, kubernetes_version)
    if release is None or end is None or not end.removed or end.removed > release:
        return None
    return (
        f"{kind.api_version} is gone since Kubernetes {end.removed}, and the target "
        f"runs {release}; {instead(end)}"
    )


def instead(end: Lifetime) -> str:
    """Say what to write in the place of an API version."""
    return f"use {end.replacement}" if end.replacement else "nothing takes its place"
