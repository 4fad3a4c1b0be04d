"""Making and changing targets: where a tenant's configuration is delivered to."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from django.db import transaction

from environments import checks, sourcing
from environments.access import require
from environments.actions._begin import (
    begin,
    differing,
    refuse_archived,
    refuse_strangers,
)
from environments.editing import record_edit
from environments.events import Event
from environments.models import Environment, Tenant, TenantEnvironment
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User

DEFAULT_KUBERNETES: Final = "1.33.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFacts:
    """Where and for which cluster a target is rendered."""

    namespace: str
    cluster: str = ""
    kubernetes_version: str = DEFAULT_KUBERNETES
    api_versions: list[str] = field(default_factory=list)


@transaction.atomic
def create_target(
    tenant: Tenant,
    environment: Environment,
    *,
    facts: TargetFacts,
    actor: User | None,
) -> TenantEnvironment:
    """Let a tenant be delivered to in an environment of the same project.

    :raises NotPermitted: without ``environments.manage`` in the environment
    :raises ValidationError: when it exists, or its namespace is another target's
    """
    project = begin(tenant.project)
    refuse_strangers(project, environment)
    require(actor, Permission.MANAGE_ENVIRONMENT, on=environment)
    refuse_archived(tenant, environment)
    if TenantEnvironment.objects.filter(
        tenant=tenant, environment=environment
    ).exists():
        detail = f"{tenant}/{environment} exists"
        raise ValidationError.of("/environment", detail, code="taken")
    target = TenantEnvironment(
        project=project, tenant=tenant, environment=environment, **asdict(facts)
    )
    _check(target)
    target.save()
    record_edit(
        project,
        actor=actor,
        subject=("target", str(target)),
        before={},
        after=sourcing.target_files(target),
        message=f"Create the target {target}",
    )
    audit.record(
        Event.TARGET_CREATED,
        target,
        actor=actor,
        project=project.slug,
        after=asdict(facts),
    )
    return target


@transaction.atomic
def update_target(
    target: TenantEnvironment,
    *,
    facts: dict[str, Any],
    actor: User | None,
    message: str = "",
) -> TenantEnvironment:
    """Change the fields of ``TargetFacts`` that *facts* names.

    :raises NotPermitted: without ``environments.manage`` in the environment
    :raises ValidationError: when the namespace is another target's
    """
    project = begin(target.project)
    target = TenantEnvironment.objects.select_related("tenant", "environment").get(
        pk=target.pk
    )
    require(actor, Permission.MANAGE_ENVIRONMENT, on=target)
    refuse_archived(target.tenant, target.environment)
    old = _facts_of(target)
    new = replace(old, **facts)
    before, after = differing(asdict(old), asdict(new))
    if not after:
        return target
    files = sourcing.target_files(target)
    for name, value in after.items():
        setattr(target, name, value)
    _check(target)
    target.save(update_fields=[*after])
    record_edit(
        project,
        actor=actor,
        subject=("target", str(target)),
        before=files,
        after=sourcing.target_files(target),
        message=message or f"Change the target {target}",
    )
    audit.record(
        Event.TARGET_CHANGED,
        target,
        actor=actor,
        project=project.slug,
        before=before,
        after=after,
    )
    return target


def _facts_of(target: TenantEnvironment) -> TargetFacts:
    """Return the facts of a target as they are."""
    return TargetFacts(
        namespace=target.namespace,
        cluster=target.cluster,
        kubernetes_version=target.kubernetes_version,
        api_versions=list(target.api_versions),
    )


def _check(target: TenantEnvironment) -> None:
    checks.check_namespace(target.namespace)
    checks.check_cluster(target.cluster)
    checks.check_kubernetes_version(target.kubernetes_version)
    checks.check_api_versions(target.api_versions)
    others = TenantEnvironment.objects.filter(
        project=target.project, cluster=target.cluster, namespace=target.namespace
    ).exclude(pk=target.pk)
    if others.exists():
        where = f"in the cluster {target.cluster}" if target.cluster else "here"
        raise ValidationError.of(
            "/namespace", f"belongs to another target {where}", code="taken"
        )
