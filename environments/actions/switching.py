"""Turning a workload on or off in many targets at once: all of them, or none."""

from collections.abc import Sequence

from django.db import transaction

from environments.actions._begin import begin
from environments.actions.workloads import bind_workload, unbind_workload
from environments.models import TenantEnvironment, Workload
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
