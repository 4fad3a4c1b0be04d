"""Workloads, overlays and manifests of a target share one name space."""

from environments.models import TenantEnvironment
from gitopshq.core.errors import ValidationError


def refuse_taken_name(target: TenantEnvironment, name: str, *, pointer: str) -> None:
    """Raise ``ValidationError`` when something in *target* has that name."""
    for kind, rows in (
        ("a workload", target.workload_bindings.filter(workload__name=name)),
        ("an overlay", target.kustomize_bindings.filter(name=name)),
        ("a set of manifests", target.manifest_bindings.filter(name=name)),
    ):
        if rows.exists():
            raise ValidationError.of(
                pointer, f"{name} is {kind} of {target} already", code="taken"
            )
