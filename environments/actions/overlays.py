"""Kustomize overlays and plain manifests of a target: saved and deleted.

Each is a set of files as a whole. Saving one turns it on.
"""

from collections.abc import Mapping

from django.db import transaction

from environments import checks, sourcing
from environments.actions._filesets import (
    Binding,
    BindingT,
    noun_of,
    open_target,
    record_files,
    refuse_unbound,
    source_of,
    source_texts,
)
from environments.actions._names import refuse_taken_name
from environments.desired.texts import text_digest
from environments.events import Event
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Workload,
)
from environments.stored import store_texts
from gitopshq.core import audit
from gitopshq.core.errors import NotFound, ValidationError
from gitopshq.core.models import User


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
    target = open_target(target, actor)
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
    target = open_target(target, actor)
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
    target = open_target(target, actor)
    _delete(target.kustomize_bindings.filter(name=name).first(), actor, message)


@transaction.atomic
def delete_manifests(
    target: TenantEnvironment, *, name: str, actor: User | None, message: str = ""
) -> None:
    """Delete a set of manifests.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises NotFound: when there is none of that name
    """
    target = open_target(target, actor)
    _delete(target.manifest_bindings.filter(name=name).first(), actor, message)


def _check_overlay(
    target: TenantEnvironment,
    name: str,
    files: Mapping[str, str],
    workload: Workload | None,
) -> None:
    checks.check_overlay(files, attached=workload is not None)
    if workload is None:
        return
    refuse_unbound(target, workload)
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
    before = source_of(binding)
    digests = {path: text_digest(text) for path, text in files.items()}
    was_on = bool(binding.pk and binding.is_on)
    if was_on and binding.files == digests and attached[0] == attached[1]:
        return binding
    old = {path: digest for path, digest in binding.files.items() if binding.pk}
    store_texts(files.values())
    binding.files, binding.is_on = digests, True
    binding.save()
    is_overlay = isinstance(binding, KustomizeBinding)
    record_files(
        binding,
        before,
        {**sourcing.target_files(target), **source_texts(binding, files)},
        actor=actor,
        message=message or f"Set {noun_of(binding)} {binding.name} of {target}",
    )
    audit.record(
        Event.OVERLAY_CHANGED if is_overlay else Event.MANIFESTS_CHANGED,
        binding,
        actor=actor,
        project=target.project.slug,
        before={"files": old, "workload": attached[0], "on": was_on},
        after={"files": digests, "workload": attached[1], "on": True},
        target=str(target),
    )
    return binding


def _delete(binding: Binding | None, actor: User | None, message: str) -> None:
    if binding is None:
        raise NotFound
    target, files = binding.target, binding.files
    before = source_of(binding)
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
    record_files(
        binding,
        before,
        sourcing.target_files(target),
        actor=actor,
        message=message or f"Delete {noun_of(binding)} {binding.name} of {target}",
    )
