"""Scoped variables, and the sealed values of the secret ones."""

from typing import Final

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Coalesce

from environments.models.tenancy import (
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
)
from environments.models.workloads import Workload

KEY: Final = r"^[A-Za-z_][A-Za-z0-9_]{0,127}\Z"
key_is_legal = RegexValidator(
    KEY,
    "use letters, digits and underscores, no digit first, at most 128 characters",
)


class VariableScope(models.TextChoices):
    """Broad to narrow; the narrowest that has the key wins."""

    REPO = "repo", "Project"
    ENV = "env", "Environment"
    TENANT = "tenant", "Tenant"
    SVC = "svc", "Service"


class InstallationKey(models.Model):
    """A key made once per installation, sealed; never rotated, only sealed anew."""

    name = models.CharField(max_length=40, primary_key=True)
    sealed = models.TextField()

    def __str__(self) -> str:
        return self.name


class SecretValue(models.Model):
    """A sealed value, bound to its fingerprint. Rotation rewrites ``sealed`` alone."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    sealed = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    rotated_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"secret {self.fingerprint[:8]}"


class Variable(models.Model):
    """One value at one scope. A secret's ``value`` is empty; ``secret`` holds it.

    ``svc`` names a workload in a target.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="variables")
    scope = models.CharField(max_length=6, choices=VariableScope.choices)
    environment = models.ForeignKey(
        Environment, models.PROTECT, null=True, blank=True, related_name="variables"
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="variables"
    )
    target = models.ForeignKey(
        TenantEnvironment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="variables",
    )
    workload = models.ForeignKey(
        Workload, models.PROTECT, null=True, blank=True, related_name="variables"
    )
    key = models.CharField(max_length=128, validators=[key_is_legal])
    value = models.TextField(blank=True)
    secret = models.ForeignKey(
        SecretValue, models.PROTECT, null=True, blank=True, related_name="+"
    )
    description = models.CharField(max_length=255, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "project",
                "key",
                Coalesce("environment", 0),
                Coalesce("tenant", 0),
                Coalesce("target", 0),
                Coalesce("workload", 0),
                name="one_value_per_scope_and_key",
            ),
            models.CheckConstraint(
                name="variable_scope_names_its_place",
                condition=(
                    models.Q(scope="repo", environment=None, tenant=None)
                    & models.Q(target=None, workload=None)
                )
                | (
                    models.Q(scope="env", environment__isnull=False, tenant=None)
                    & models.Q(target=None, workload=None)
                )
                | (
                    models.Q(scope="tenant", environment=None, tenant__isnull=False)
                    & models.Q(target=None, workload=None)
                )
                | (
                    models.Q(scope="svc", environment=None, tenant=None)
                    & models.Q(target__isnull=False, workload__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="a_secret_has_no_plain_value",
                condition=models.Q(secret=None) | models.Q(value=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.get_scope_display()}"

    @property
    def is_secret(self) -> bool:
        return self.secret_id is not None
