"""What saving, switching and deleting sets of files share: their texts and edits."""

from collections.abc import Mapping
from typing import TypeVar

from environments import sourcing
from environments.access import require
from environments.actions._begin import begin, refuse_archived
from environments.desired import source_layout
from environments.editing import record_edit
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Workload,
)
from environments.permissions import Permission
from environments.stored import DatabaseTexts
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User

Binding = KustomizeBinding | ManifestBinding
BindingT = TypeVar("BindingT", bound=KustomizeBinding | ManifestBinding)


def open_target(target: TenantEnvironment, actor: User | None) -> TenantEnvironment:
    """Return the target, its project locked, if *actor* may edit sets of files there.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    """
    begin(target.project)
    rows = TenantEnvironment.objects.select_related("project", "tenant", "environment")
    target = rows.get(pk=target.pk)
    require(actor, Permission.MANAGE_WORKLOADS, on=target)
    refuse_archived(target.tenant, target.environment)
    return target


def refuse_unbound(target: TenantEnvironment, workload: Workload) -> None:
    """Raise ``ValidationError`` for a workload that is not bound to the target."""
    if not target.workload_bindings.filter(workload=workload).exists():
        raise ValidationError.of("/workload", f"is not bound to {target}")


def record_files(
    binding: Binding,
    before: sourcing.Files,
    after: sourcing.Files,
    *,
    actor: User | None,
    message: str,
) -> None:
    """Record the edit of a set, with the files of its target."""
    is_overlay = isinstance(binding, KustomizeBinding)
    record_edit(
        binding.target.project,
        actor=actor,
        subject=(
            "kustomize_binding" if is_overlay else "manifest_binding",
            binding.name,
        ),
        before=before,
        after=after,
        message=message,
    )


def source_of(binding: Binding) -> sourcing.Files:
    """Return the files of a binding and of its target as they are saved now."""
    files = sourcing.target_files(binding.target)
    if not (binding.pk and binding.is_on):
        return files
    texts = DatabaseTexts()
    texts.prefetch(binding.files.values())
    return {
        **files,
        **source_texts(binding, {path: texts[d] for path, d in binding.files.items()}),
    }


def source_texts(binding: Binding, files: Mapping[str, str]) -> sourcing.Files:
    """Return texts of a set by their ``source`` paths."""
    is_overlay = isinstance(binding, KustomizeBinding)
    at = source_layout.overlay_file if is_overlay else source_layout.manifest_file
    tenant, environment = binding.target.tenant.slug, binding.target.environment.slug
    return {
        at(tenant, environment, binding.name, path): text
        for path, text in files.items()
    }


def noun_of(binding: Binding) -> str:
    """Return what people call such a set."""
    return "overlay" if isinstance(binding, KustomizeBinding) else "manifests"
