"""Under which rules: the policy of an environment, and its freeze windows."""

from django.conf import settings
from django.db import models

from environments.models.tenancy import Environment, Project, Tenant


class DeployMode(models.TextChoices):
    MANUAL = "manual", "By hand"
    AUTO = "auto", "On approval"


class EnvironmentPolicy(models.Model):
    """What a release into the environment needs (defaults of domain 8)."""

    environment = models.OneToOneField(
        Environment, models.PROTECT, related_name="policy"
    )
    required_approvals = models.PositiveSmallIntegerField(default=0)
    block_self_approval = models.BooleanField(default=True)
    approval_expiry_hours = models.PositiveIntegerField(null=True, blank=True)
    auto_approve = models.BooleanField(default=False)
    block_self_deploy = models.BooleanField(default=False)
    deploy_mode = models.CharField(
        max_length=10, choices=DeployMode.choices, default=DeployMode.MANUAL
    )

    class Meta:
        verbose_name_plural = "environment policies"
        constraints = [
            models.CheckConstraint(
                name="policy_deploy_mode_is_known",
                condition=models.Q(deploy_mode__in=DeployMode.values),
            ),
            models.CheckConstraint(
                name="auto_deploy_excludes_block_self_deploy",
                condition=~models.Q(deploy_mode="auto", block_self_deploy=True),
            ),
            models.CheckConstraint(
                name="approval_expiry_is_positive",
                condition=models.Q(approval_expiry_hours__isnull=True)
                | models.Q(approval_expiry_hours__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"policy of {self.environment}"


class FreezeWindow(models.Model):
    """A time in which nothing is deployed: once, or repeated by an RRULE.

    Half-open ``[starts_at, ends_at)``; repeats keep the wall clock of ``time_zone``.
    Without an environment it holds for the project.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="freeze_windows")
    environment = models.ForeignKey(
        Environment, models.PROTECT, null=True, blank=True, related_name="windows"
    )
    tenant = models.ForeignKey(
        Tenant, models.PROTECT, null=True, blank=True, related_name="windows"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rrule = models.CharField(max_length=255, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    reason = models.CharField(max_length=255)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="freeze_window_ends_after_it_starts",
                condition=models.Q(ends_at__gt=models.F("starts_at")),
            )
        ]

    def __str__(self) -> str:
        return self.reason
