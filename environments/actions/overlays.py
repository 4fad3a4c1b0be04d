"""Kustomize overlays and plain manifests of a target: saved and deleted as sets."""

from collections.abc import Mapping
from typing import TypeVar

from django.db import transaction

from environments import checks, sourcing
from environments.access import require
from environments.actions._begin import begin, refuse_archived
from environments.actions._names import refuse_taken_name
from environments.desired import source_layout
from environments.desired.texts import text_digest
from environments.editing import record_edit
from environments.events import Event
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Workload,
)
from environments.permissions import Permission
from environments.stored import DatabaseTexts, store_texts
from gitopshq.core import audit
from gitopshq.core.errors import NotFound, ValidationError
from gitopshq.core.models import User

Binding = KustomizeBinding | ManifestBinding
BindingT = TypeVar("BindingT", bound=KustomizeBinding | ManifestBinding)


@transaction.atomic
def put_overlay(
    target: TenantEnvironment,
    *,
    name: str,
    files: Mapping[str, str],
    workload: Workload | None = None,
    actor: User | None,
    message: str = "",
) -> KustomizeBinding:
    """Save an overlay: standalone, or fed with the Helm output of *workload*.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises ValidationError: for a name that is taken, files that break a rule, or a
        workload that is not bound here or has an overlay
    """
    target = _begin(target, actor)
    saved = checks.checked_files(files)
    _check_overlay(target, name, saved, workload)
    binding = target.kustomize_bindings.filter(name=name).first()
    if binding is None:
        checks.check_slug(name, "/name")
        refuse_taken_name(target, name, pointer="")
        binding = KustomizeBinding(target=target, name=name)
    attached = binding.workload.name if binding.workload else None
    binding.workload = workload
    return _save(
        binding,
        saved,
        attached=(attached, workload.name if workload else None),
        actor=actor,
        message=message,
    )


@transaction.atomic
def put_manifests(
    target: TenantEnvironment,
    *,
    name: str,
    files: Mapping[str, str],
    actor: User | None,
    message: str = "",
) -> ManifestBinding:
    """Save a named set of plain manifests.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises ValidationError: for a name that is taken or files that break a rule
    """
    target = _begin(target, actor)
    saved = checks.checked_files(files)
    binding = target.manifest_bindings.filter(name=name).first()
    if binding is None:
        checks.check_slug(name, "/name")
        refuse_taken_name(target, name, pointer="")
        binding = ManifestBinding(target=target, name=name)
    return _save(binding, saved, actor=actor, message=message)


@transaction.atomic
def delete_overlay(
    target: TenantEnvironment, *, name: str, actor: User | None, message: str = ""
) -> None:
    """Delete an overlay.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises NotFound: when there is none of that name
    """
    target = _begin(target, actor)
    _delete(target.kustomize_bindings.filter(name=name).first(), actor, message)


@transaction.atomic
def delete_manifests(
    target: TenantEnvironment, *, name: str, actor: User | None, message: str = ""
) -> None:
    """Delete a set of manifests.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises NotFound: when there is none of that name
    """
    target = _begin(target, actor)
    _delete(target.manifest_bindings.filter(name=name).first(), actor, message)


def _begin(target: TenantEnvironment, actor: User | None) -> TenantEnvironment:
    begin(target.project)
    rows = TenantEnvironment.objects.select_related("project", "tenant", "environment")
    target = rows.get(pk=target.pk)
    require(actor, Permission.MANAGE_WORKLOADS, on=target)
    refuse_archived(target.tenant, target.environment)
    return target


def _check_overlay(
    target: TenantEnvironment,
    name: str,
    files: Mapping[str, str],
    workload: Workload | None,
) -> None:
    checks.check_overlay(files, attached=workload is not None)
    if workload is None:
        return
    if not target.workload_bindings.filter(workload=workload).exists():
        raise ValidationError.of("/workload", f"is not bound to {target}")
    others = target.kustomize_bindings.filter(workload=workload).exclude(name=name)
    if other := others.first():
        raise ValidationError.of("/workload", f"has the overlay {other.name} already")


def _save(
    binding: BindingT,
    files: Mapping[str, str],
    *,
    attached: tuple[str | None, str | None] = (None, None),
    actor: User | None,
    message: str,
) -> BindingT:
    target = binding.target
    before = _source(binding)
    digests = {path: text_digest(text) for path, text in files.items()}
    if binding.pk and binding.files == digests and attached[0] == attached[1]:
        return binding
    old = {path: digest for path, digest in binding.files.items() if binding.pk}
    store_texts(files.values())
    binding.files = digests
    binding.save()
    is_overlay = isinstance(binding, KustomizeBinding)
    _record(
        binding,
        before,
        {**sourcing.target_files(target), **_texts(binding, files)},
        actor=actor,
        message=message or f"Set {_noun(binding)} {binding.name} of {target}",
    )
    audit.record(
        Event.OVERLAY_CHANGED if is_overlay else Event.MANIFESTS_CHANGED,
        binding,
        actor=actor,
        project=target.project.slug,
        before={"files": old, "workload": attached[0]},
        after={"files": digests, "workload": attached[1]},
        target=str(target),
    )
    return binding


def _delete(binding: Binding | None, actor: User | None, message: str) -> None:
    if binding is None:
        raise NotFound
    target, files = binding.target, binding.files
    before = _source(binding)
    is_overlay = isinstance(binding, KustomizeBinding)
    audit.record(
        Event.OVERLAY_DELETED if is_overlay else Event.MANIFESTS_DELETED,
        binding,
        actor=actor,
        project=target.project.slug,
        before={"files": files},
        target=str(target),
    )
    binding.delete()
    _record(
        binding,
        before,
        sourcing.target_files(target),
        actor=actor,
        message=message or f"Delete {_noun(binding)} {binding.name} of {target}",
    )


def _record(
    binding: Binding,
    before: sourcing.Files,
    after: sourcing.Files,
    *,
    actor: User | None,
    message: str,
) -> None:
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


def _source(binding: Binding) -> sourcing.Files:
    """Return the files of a binding and of its target as they are saved now."""
    files = sourcing.target_files(binding.target)
    if not binding.pk:
        return files
    texts = DatabaseTexts()
    texts.prefetch(binding.files.values())
    return {
        **files,
        **_texts(binding, {path: texts[d] for path, d in binding.files.items()}),
    }


def _texts(binding: Binding, files: Mapping[str, str]) -> sourcing.Files:
    is_overlay = isinstance(binding, KustomizeBinding)
    at = source_layout.overlay_file if is_overlay else source_layout.manifest_file
    tenant, environment = binding.target.tenant.slug, binding.target.environment.slug
    return {
        at(tenant, environment, binding.name, path): text
        for path, text in files.items()
    }


def _noun(binding: Binding) -> str:
    return "overlay" if isinstance(binding, KustomizeBinding) else "manifests"
