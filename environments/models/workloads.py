"""What runs: workloads on charts, where they are bound, and their values layers."""

from django.db import models
from django.db.models.functions import Coalesce

from environments.models.charts import ChartVersion
from environments.models.history import Text
from environments.models.tenancy import (
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    slug_is_legal,
)


class Workload(models.Model):
    """A service of the project, on one version of a Helm chart."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="workloads")
    name = models.CharField(max_length=40, validators=[slug_is_legal])
    chart_version = models.ForeignKey(ChartVersion, models.PROTECT, related_name="+")
    namespace = models.CharField(max_length=63, blank=True)
    allow_nondeterministic = models.BooleanField(default=False)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="workload_name", fields=["project", "name"])
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.slug}/workloads/{self.name}"


class WorkloadBinding(models.Model):
    """Puts a workload into a target, with overrides where they are given."""

    workload = models.ForeignKey(Workload, models.PROTECT, related_name="bindings")
    target = models.ForeignKey(
        TenantEnvironment, models.PROTECT, related_name="workload_bindings"
    )
    namespace = models.CharField(max_length=63, blank=True)
    chart_version = models.ForeignKey(
        ChartVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="workload_is_bound_once", fields=["workload", "target"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.workload} in {self.target}"


class ValuesLayer(models.Model):
    """One Helm values text; which layer it is follows from what it names.

    Neither tenant nor environment is the base; both are the target's own. An empty
    text is no layer.
    """

    workload = models.ForeignKey(Workload, models.PROTECT, related_name="layers")
    environment = models.ForeignKey(
        Environment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="+"
    )
    text = models.ForeignKey(Text, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workload",
                Coalesce("environment", 0),
                Coalesce("tenant", 0),
                name="one_text_per_layer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.layer} values of {self.workload}"

    @property
    def layer(self) -> str:
        """``base``, ``environment``, ``tenant`` or ``target``, broad to narrow."""
        if self.environment_id is None:
            return "base" if self.tenant_id is None else "tenant"
        return "environment" if self.tenant_id is None else "target"
