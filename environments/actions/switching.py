"""Turning on and off: a workload in many targets at once, and single sets of files."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Manager

from environments.actions._begin import begin
from environments.actions._filesets import (
    BindingT,
    noun_of,
    open_target,
    record_files,
    refuse_unbound,
    source_of,
)
from environments.actions.workloads import bind_workload, unbind_workload
from environments.events import Event
from environments.models import (
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Workload,
)
from gitopshq.core import audit
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User


@transaction.atomic
def switch_workload(
    workload: Workload,
    *,
    targets: Sequence[TenantEnvironment],
    on: bool,
    actor: User | None,
    message: str = "",
) -> list[TenantEnvironment]:
    """Bind a workload to every target, or unbind it from each; return what changed.

    Where it is bound already its overrides stay. Off takes them away with the binding.

    :raises NotPermitted: without ``workloads.manage`` in one of the environments
    :raises InUse: for off, while an overlay is attached to it in one of them
    """
    begin(workload.project)
    bound = set(workload.bindings.values_list("target", flat=True))
    changed = [target for target in targets if (target.pk in bound) != on]
    for target in changed:
        if on:
            bind_workload(workload, to=target, actor=actor, message=message)
        else:
            unbind_workload(workload, from_=target, actor=actor, message=message)
    return changed


@transaction.atomic
def switch_overlay(
    target: TenantEnvironment,
    *,
    name: str,
    on: bool,
    actor: User | None,
    message: str = "",
) -> KustomizeBinding:
    """Turn an overlay on or off. Its files stay.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises NotFound: when there is none of that name
    :raises ValidationError: for on, when its workload is not bound here any more
    """
    target = open_target(target, actor)
    binding = _named(target.kustomize_bindings, name)
    if on and binding.workload is not None:
        refuse_unbound(target, binding.workload)
    return _switch(binding, on=on, actor=actor, message=message)


@transaction.atomic
def switch_manifests(
    target: TenantEnvironment,
    *,
    name: str,
    on: bool,
    actor: User | None,
    message: str = "",
) -> ManifestBinding:
    """Turn a set of manifests on or off. Its files stay.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises NotFound: when there is none of that name
    """
    target = open_target(target, actor)
    binding = _named(target.manifest_bindings, name)
    return _switch(binding, on=on, actor=actor, message=message)


def _named(rows: Manager[BindingT], name: str) -> BindingT:
    found = rows.filter(name=name).first()
    if found is None:
        raise NotFound
    return found


def _switch(
    binding: BindingT, *, on: bool, actor: User | None, message: str
) -> BindingT:
    if binding.is_on == on:
        return binding
    before = source_of(binding)
    binding.is_on = on
    binding.save(update_fields=["is_on"])
    word = "on" if on else "off"
    record_files(
        binding,
        before,
        source_of(binding),
        actor=actor,
        message=message
        or f"Turn {noun_of(binding)} {binding.name} of {binding.target} {word}",
    )
    is_overlay = isinstance(binding, KustomizeBinding)
    audit.record(
        Event.OVERLAY_CHANGED if is_overlay else Event.MANIFESTS_CHANGED,
        binding,
        actor=actor,
        project=binding.target.project.slug,
        before={"on": not on},
        after={"on": on},
        target=str(binding.target),
    )
    return binding
