"""Saving the values layers of workloads."""

from collections.abc import Sequence

from django.db import transaction

from environments import checks, sourcing
from environments.access import require
from environments.actions._begin import (
    begin,
    refuse_archived,
    refuse_strangers,
)
from environments.desired.texts import text_digest
from environments.desired.values import diff_values, pointer
from environments.editing import record_edit
from environments.events import Event
from environments.models import (
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    ValuesLayer,
    Workload,
)
from environments.permissions import Permission
from environments.stored import store_texts
from gitopshq.core import audit
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User

_TOLD = 50


@transaction.atomic
def set_values(
    workload: Workload,
    *,
    text: str | bytes,
    tenant: Tenant | None = None,
    environment: Environment | None = None,
    actor: User | None,
    message: str = "",
) -> ValuesLayer:
    """Save the layer that *tenant* and *environment* choose: neither is the base.

    An empty text takes the layer away.

    :raises NotPermitted: without ``workloads.manage`` where the layer reaches
    :raises NotFound: when tenant and environment are no target together
    :raises ValidationError: with file and line of what breaks a rule
    """
    project = begin(workload.project)
    refuse_strangers(project, tenant, environment)
    workload = Workload.objects.select_related("project").get(pk=workload.pk)
    require(actor, Permission.MANAGE_WORKLOADS, on=environment or project)
    refuse_archived(workload, tenant, environment)
    _refuse_no_target(project, tenant, environment)
    path = sourcing.layer_path(
        workload,
        tenant=tenant.slug if tenant else None,
        environment=environment.slug if environment else None,
    )
    saved = checks.checked_values(text, path=path)
    layer = _layer(workload, tenant, environment)
    before = layer.text.body if layer.pk else ""
    if layer.pk and before == saved:
        return layer
    store_texts([saved])
    layer.text_id = text_digest(saved)
    layer.save()
    record_edit(
        project,
        actor=actor,
        subject=("workload", workload.name),
        before={path: before or None},
        after={path: saved or None},
        message=message or f"Set {layer.layer} values of {workload.name}",
    )
    audit.record(
        Event.VALUES_CHANGED,
        workload,
        actor=actor,
        project=project.slug,
        before={"sha256": text_digest(before)},
        after={"sha256": text_digest(saved)},
        file=path,
        paths=_touched(before, saved),
    )
    return ValuesLayer.objects.select_related(
        "workload", "text", "tenant", "environment"
    ).get(pk=layer.pk)


def _layer(
    workload: Workload, tenant: Tenant | None, environment: Environment | None
) -> ValuesLayer:
    places = {"workload": workload, "tenant": tenant, "environment": environment}
    row = ValuesLayer.objects.filter(**places).select_related("text").first()
    return row or ValuesLayer(**places)


def _refuse_no_target(
    project: Project, tenant: Tenant | None, environment: Environment | None
) -> None:
    if tenant is None or environment is None:
        return
    rows = TenantEnvironment.objects.filter(tenant=tenant, environment=environment)
    if not rows.filter(project=project).exists():
        raise NotFound


def _touched(before: str, after: str) -> Sequence[str]:
    changes = diff_values(before, after)
    return [pointer(change.path) for change in changes][:_TOLD]
