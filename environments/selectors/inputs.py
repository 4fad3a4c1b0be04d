"""Inputs of targets as doors look them up and show them."""

from collections import defaultdict

from django.db.models import QuerySet

from environments import sourcing
from environments.models import (
    ChartVersion,
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    ValuesLayer,
    Workload,
    WorkloadBinding,
)
from environments.selectors.visible import visible_targets
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User


def chart_version(chart: str, version: str) -> ChartVersion:
    """Return a version of a chart by their names.

    :raises ValidationError: when it was not uploaded
    """
    rows = ChartVersion.objects.select_related("chart")
    found = rows.filter(chart__name=chart, version=version).first()
    if found is None:
        detail = f"there is no chart {chart} {version}: upload it first"
        raise ValidationError.of("/chartVersion", detail, code="unknown")
    return found


def bindings_of(target: TenantEnvironment) -> QuerySet[WorkloadBinding]:
    """Return what is bound to *target*, with what is shown of it."""
    return target.workload_bindings.select_related(
        "workload", "chart_version", "target__tenant", "target__environment"
    )


def targets_bound(user: User, project: Project) -> dict[int, list[str]]:
    """Return the targets *user* may view by the key of each workload bound there."""
    bound: dict[int, list[str]] = defaultdict(list)
    rows = WorkloadBinding.objects.filter(
        target__in=visible_targets(user, project)
    ).order_by("target__tenant__slug", "target__environment__rank", "pk")
    for workload, tenant, environment in rows.values_list(
        "workload", "target__tenant__slug", "target__environment__slug"
    ):
        bound[workload].append(f"{tenant}/{environment}")
    return bound


def values_text(
    workload: Workload, tenant: Tenant | None, environment: Environment | None
) -> str:
    """Return the text of one layer; empty where there is none."""
    rows = ValuesLayer.objects.filter(
        workload=workload, tenant=tenant, environment=environment
    )
    return rows.values_list("text__body", flat=True).first() or ""


def values_path(
    workload: Workload, tenant: Tenant | None, environment: Environment | None
) -> str:
    """Return the ``source`` path of one layer."""
    return sourcing.layer_path(
        workload,
        tenant=tenant.slug if tenant else None,
        environment=environment.slug if environment else None,
    )
