"""Workloads of a project: making and changing them, and binding them to targets."""

from typing import Any

from django.db import transaction

from environments import checks, errors, sourcing
from environments.access import require
from environments.actions._begin import (
    begin,
    differing,
    refuse_archived,
    refuse_strangers,
)
from environments.actions._names import refuse_taken_name
from environments.editing import record_edit
from environments.events import Event
from environments.models import (
    ChartVersion,
    Project,
    TenantEnvironment,
    Workload,
    WorkloadBinding,
)
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.errors import NotFound, ValidationError
from gitopshq.core.models import User


@transaction.atomic
def create_workload(
    project: Project,
    *,
    name: str,
    chart_version: ChartVersion,
    namespace: str = "",
    allow_nondeterministic: bool = False,
    actor: User | None,
    message: str = "",
) -> Workload:
    """Define a workload on a version of a chart.

    :raises NotPermitted: without ``workloads.manage`` on the project
    :raises ValidationError: when the name is taken
    """
    project = begin(project)
    require(actor, Permission.MANAGE_WORKLOADS, on=project)
    checks.check_slug(name, "/name")
    if project.workloads.filter(name=name).exists():
        raise ValidationError.of("/name", "is taken", code="taken")
    if namespace:
        checks.check_namespace(namespace)
    workload = Workload.objects.create(
        project=project,
        name=name,
        chart_version=chart_version,
        namespace=namespace,
        allow_nondeterministic=allow_nondeterministic,
    )
    record_edit(
        project,
        actor=actor,
        subject=("workload", name),
        before={},
        after=sourcing.workload_files(workload),
        message=message or f"Create the workload {name}",
    )
    audit.record(
        Event.WORKLOAD_CREATED,
        workload,
        actor=actor,
        project=project.slug,
        after=_facts(workload),
    )
    return workload


@transaction.atomic
def update_workload(
    workload: Workload,
    *,
    actor: User | None,
    chart_version: ChartVersion | None = None,
    namespace: str | None = None,
    allow_nondeterministic: bool | None = None,
    message: str = "",
) -> Workload:
    """Change what is given; it reaches every target the workload is bound to.

    :raises NotPermitted: without ``workloads.manage`` on the project
    """
    project = begin(workload.project)
    workload = _fresh(workload)
    require(actor, Permission.MANAGE_WORKLOADS, on=project)
    refuse_archived(workload)
    if namespace:
        checks.check_namespace(namespace)
    before, files = _facts(workload), sourcing.workload_files(workload)
    if chart_version is not None:
        _refuse_strange_overrides(workload, chart_version)
        workload.chart_version = chart_version
    if namespace is not None:
        workload.namespace = namespace
    if allow_nondeterministic is not None:
        workload.allow_nondeterministic = allow_nondeterministic
    old, new = differing(before, _facts(workload))
    if not new:
        return workload
    workload.save(
        update_fields=["chart_version", "namespace", "allow_nondeterministic"]
    )
    record_edit(
        project,
        actor=actor,
        subject=("workload", workload.name),
        before=files,
        after=sourcing.workload_files(workload),
        message=message or f"Change the workload {workload.name}",
    )
    audit.record(
        Event.WORKLOAD_CHANGED,
        workload,
        actor=actor,
        project=project.slug,
        before=old,
        after=new,
    )
    return workload


@transaction.atomic
def bind_workload(
    workload: Workload,
    *,
    to: TenantEnvironment,
    namespace: str = "",
    chart_version: ChartVersion | None = None,
    actor: User | None,
    message: str = "",
) -> WorkloadBinding:
    """Put a workload into a target, or change its overrides there.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises ValidationError: when an overlay or manifests have its name there, or the
        version is of another chart
    """
    project = begin(to.project)
    refuse_strangers(project, workload)
    workload, target = _fresh(workload), _fresh_target(to)
    require(actor, Permission.MANAGE_WORKLOADS, on=target)
    refuse_archived(workload, target.tenant, target.environment)
    if namespace:
        checks.check_namespace(namespace)
    if chart_version and chart_version.chart_id != workload.chart_version.chart_id:
        detail = f"is of another chart than {workload.name} runs"
        raise ValidationError.of("/chartVersion", detail)
    binding = WorkloadBinding.objects.filter(workload=workload, target=target).first()
    if binding is None:
        refuse_taken_name(target, workload.name, pointer="")
    files = sourcing.target_files(target)
    before = _overrides(binding)
    binding = binding or WorkloadBinding(workload=workload, target=target)
    binding.namespace, binding.chart_version = namespace, chart_version
    after = _overrides(binding)
    if before == after:
        return binding
    binding.save()
    _record_binding(
        target,
        workload,
        files,
        actor=actor,
        message=message or f"Bind {workload.name} to {target}",
        event=Event.WORKLOAD_BOUND,
        before=before,
        after=after,
    )
    return binding


@transaction.atomic
def unbind_workload(
    workload: Workload,
    *,
    from_: TenantEnvironment,
    actor: User | None,
    message: str = "",
) -> None:
    """Take a workload out of a target. Its values layers and variables stay.

    :raises NotPermitted: without ``workloads.manage`` in the environment
    :raises NotFound: when it is not bound there
    :raises InUse: while an overlay that is on is attached to it there
    """
    begin(from_.project)
    target = _fresh_target(from_)
    require(actor, Permission.MANAGE_WORKLOADS, on=target)
    binding = WorkloadBinding.objects.filter(workload=workload, target=target).first()
    if binding is None:
        raise NotFound
    overlay = target.kustomize_bindings.filter(workload=workload, is_on=True).first()
    if overlay is not None:
        reason = f"the overlay {overlay.name} is attached to it"
        raise errors.InUse(what=workload.name, reason=reason)
    files, before = sourcing.target_files(target), _overrides(binding)
    binding.delete()
    _record_binding(
        target,
        workload,
        files,
        actor=actor,
        message=message or f"Unbind {workload.name} from {target}",
        event=Event.WORKLOAD_UNBOUND,
        before=before,
        after=None,
    )


def _record_binding(
    target: TenantEnvironment,
    workload: Workload,
    files: sourcing.Files,
    *,
    actor: User | None,
    message: str,
    event: Event,
    **sides: dict[str, str] | None,
) -> None:
    record_edit(
        target.project,
        actor=actor,
        subject=("workload", workload.name),
        before=files,
        after=sourcing.target_files(target),
        message=message,
    )
    audit.record(
        event,
        workload,
        actor=actor,
        project=target.project.slug,
        target=str(target),
        **sides,
    )


def _refuse_strange_overrides(workload: Workload, version: ChartVersion) -> None:
    """Refuse another chart while a target overrides the version of this one."""
    strange = workload.bindings.exclude(chart_version=None).exclude(
        chart_version__chart=version.chart_id
    )
    bound = strange.select_related("target__tenant", "target__environment").first()
    if bound is not None:
        detail = f"{bound.target} overrides the chart version: lift that first"
        raise ValidationError.of("/chart", detail)


def _fresh(workload: Workload) -> Workload:
    rows = Workload.objects.select_related("project", "chart_version__chart")
    return rows.get(pk=workload.pk)


def _fresh_target(target: TenantEnvironment) -> TenantEnvironment:
    rows = TenantEnvironment.objects.select_related("project", "tenant", "environment")
    return rows.get(pk=target.pk)


def _facts(workload: Workload) -> dict[str, Any]:
    return {
        "chart": workload.chart_version.chart.name,
        "chart_version": workload.chart_version.version,
        "namespace": workload.namespace,
        "allow_nondeterministic": workload.allow_nondeterministic,
    }


def _overrides(binding: WorkloadBinding | None) -> dict[str, str] | None:
    if binding is None:
        return None
    version = binding.chart_version
    return {
        "namespace": binding.namespace,
        "chart_version": version.version if version else "",
    }
