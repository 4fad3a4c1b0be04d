"""Projects and desired state for operators: to look at, not to change.

Edits are made in the product, where they are checked, recorded and released. Sealed
values and keys are not here at all.
"""

from django.contrib import admin

from environments.models import (
    Chart,
    ChartVersion,
    Edit,
    Environment,
    EnvironmentPolicy,
    FreezeWindow,
    KustomizeBinding,
    ManifestBinding,
    Project,
    SecretValue,
    Tenant,
    TenantEnvironment,
    ValuesLayer,
    Variable,
    Workload,
    WorkloadBinding,
)
from gitopshq.core.admin import ReadOnly


@admin.register(Project)
class ProjectAdmin(ReadOnly):
    list_display = ["slug", "name", "created_by", "created_at", "archived_at"]
    list_select_related = ["created_by"]
    search_fields = ["slug", "name"]


@admin.register(Tenant)
class TenantAdmin(ReadOnly):
    list_display = ["slug", "name", "tagged", "project", "archived_at"]
    list_select_related = ["project"]
    search_fields = ["slug", "name", "tags", "project__slug"]

    @admin.display(description="tags")
    def tagged(self, tenant: Tenant) -> str:
        return ", ".join(tenant.tags)


@admin.register(Environment)
class EnvironmentAdmin(ReadOnly):
    list_display = ["slug", "project", "rank", "frozen_at", "frozen_until"]
    list_select_related = ["project"]
    search_fields = ["slug", "name", "project__slug"]


@admin.register(EnvironmentPolicy)
class EnvironmentPolicyAdmin(ReadOnly):
    list_display = [
        "environment",
        "required_approvals",
        "block_self_approval",
        "auto_approve",
        "deploy_mode",
    ]
    list_select_related = ["environment"]


@admin.register(FreezeWindow)
class FreezeWindowAdmin(ReadOnly):
    list_display = [
        *("reason", "project", "environment", "tenant"),
        *("starts_at", "ends_at", "rrule", "time_zone", "ended_at"),
    ]
    list_filter = ["project"]
    list_select_related = ["project", "environment", "tenant"]


@admin.register(TenantEnvironment)
class TenantEnvironmentAdmin(ReadOnly):
    list_display = ["__str__", "project", "namespace", "cluster"]
    list_select_related = ["project", "tenant", "environment"]
    search_fields = ["namespace", "project__slug", "tenant__slug"]


@admin.register(Chart)
class ChartAdmin(ReadOnly):
    list_display = ["name"]
    search_fields = ["name"]


@admin.register(ChartVersion)
class ChartVersionAdmin(ReadOnly):
    list_display = ["chart", "version", "uploaded_by", "uploaded_at"]
    list_select_related = ["chart", "uploaded_by"]
    search_fields = ["chart__name"]
    # The bytes of the archive are no field to draw.
    exclude = ["archive"]


@admin.register(Workload)
class WorkloadAdmin(ReadOnly):
    list_display = ["name", "project", "chart_version", "archived_at"]
    list_select_related = ["project", "chart_version__chart"]
    search_fields = ["name", "project__slug"]


@admin.register(WorkloadBinding)
class WorkloadBindingAdmin(ReadOnly):
    list_display = ["workload", "target", "namespace", "chart_version"]
    list_select_related = [
        "workload",
        "target__tenant",
        "target__environment",
        "chart_version__chart",
    ]


@admin.register(ValuesLayer)
class ValuesLayerAdmin(ReadOnly):
    list_display = ["workload", "layer", "tenant", "environment"]
    list_select_related = ["workload", "tenant", "environment"]


@admin.register(KustomizeBinding, ManifestBinding)
class FileSetAdmin(ReadOnly):
    list_display = ["name", "target"]
    list_select_related = ["target__tenant", "target__environment"]


@admin.register(Variable)
class VariableAdmin(ReadOnly):
    list_display = ["key", "scope", "project", "is_secret", "updated_at"]
    list_select_related = ["project"]
    search_fields = ["key", "project__slug"]
    exclude = ["secret"]


@admin.register(SecretValue)
class SecretValueAdmin(ReadOnly):
    """How old each seal is; what is sealed is nowhere to be seen."""

    list_display = ["__str__", "created_at", "rotated_at"]
    exclude = ["sealed"]


@admin.register(Edit)
class EditAdmin(ReadOnly):
    date_hierarchy = "at"
    list_display = ["__str__", "actor", "at", "source_commit"]
    list_select_related = ["project", "actor"]
    search_fields = ["message", "project__slug", "object_name"]
