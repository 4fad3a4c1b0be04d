"""Who and where: projects, tenants, environments, and the targets they cross in."""

from typing import Final

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from environments.addresses import placed
from environments.permissions import OBJECT_PERMISSIONS

SLUG: Final = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\Z"
slug_is_legal = RegexValidator(
    SLUG, "use lower-case letters, digits and inner hyphens, at most 40 characters"
)


class SecretsInGit(models.TextChoices):
    REFUSE = "refuse", "Refuse them"
    PLAIN = "plain", "Allow them inside Secret resources"


class Project(models.Model):
    """The unit of rights, of history and of one hosted repository.

    ``lock_sequence`` is the project lock (domain 2): ``environments.locking`` moves it
    first in every transaction that edits desired state, policy, freeze, grants or
    votes, and in every release transition.
    """

    slug = models.CharField(max_length=40, unique=True, validators=[slug_is_legal])
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    secrets_in_git = models.CharField(
        max_length=10, choices=SecretsInGit.choices, default=SecretsInGit.REFUSE
    )
    allows_anonymous_git = models.BooleanField(default=False)
    lock_sequence = models.PositiveBigIntegerField(default=0, editable=False)
    edit_sequence = models.PositiveBigIntegerField(default=0, editable=False)
    release_sequence = models.PositiveBigIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [*OBJECT_PERMISSIONS, ("projects_create", "Create projects")]
        constraints = [
            models.CheckConstraint(
                name="project_secrets_in_git_is_known",
                condition=models.Q(secrets_in_git__in=SecretsInGit.values),
            )
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/projects/{self.slug}"


class Tenant(models.Model):
    """A customer, a team or a region that has its own targets.

    ``tags`` are words like slugs, sorted; they group tenants and ship nothing.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="tenants")
    slug = models.CharField(max_length=40, validators=[slug_is_legal])
    name = models.CharField(max_length=100)
    tags = models.JSONField(default=list, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="tenant_slug", fields=["project", "slug"])
        ]

    def __str__(self) -> str:
        return self.slug


class Environment(models.Model):
    """A stage with its policy. ``rank`` orders stages, the lowest first.

    The freeze toggle works at once both ways; windows are rows of their own.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="environments")
    slug = models.CharField(max_length=40, validators=[slug_is_legal])
    name = models.CharField(max_length=100)
    rank = models.PositiveSmallIntegerField(default=0)
    colour = models.CharField(max_length=20, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_until = models.DateTimeField(null=True, blank=True)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    freeze_reason = models.CharField(max_length=255, blank=True)

    class Meta:
        permissions = [*OBJECT_PERMISSIONS]
        constraints = [
            models.UniqueConstraint(name="environment_slug", fields=["project", "slug"])
        ]

    def __str__(self) -> str:
        return self.slug

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.slug}/environments/{self.slug}/policy"


class TenantEnvironment(models.Model):
    """A target: where one tenant's configuration for one environment is delivered.

    ``released_policy`` is the policy its last release carried (null before the first
    deploy). The counters are a cache for lists, computed at ``counted_at_edit``.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="targets")
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="targets")
    environment = models.ForeignKey(Environment, models.PROTECT, related_name="targets")
    namespace = models.CharField(max_length=63)
    cluster = models.CharField(max_length=63, blank=True)
    kubernetes_version = models.CharField(max_length=20, default="1.33.0")
    api_versions = models.JSONField(default=list, blank=True)
    released_policy = models.JSONField(null=True, blank=True)
    pending_count = models.PositiveIntegerField(default=0)
    counted_at_edit = models.BigIntegerField(default=-1)

    class Meta:
        verbose_name = "tenant-environment"
        constraints = [
            models.UniqueConstraint(
                name="one_target_per_tenant_and_environment",
                fields=["tenant", "environment"],
            ),
            models.UniqueConstraint(
                name="namespace_is_unique_in_a_cluster",
                fields=["project", "cluster", "namespace"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tenant.slug}/{self.environment.slug}"

    def get_absolute_url(self) -> str:
        where = f"{placed(self.tenant.slug)}/{self.environment.slug}"
        return f"/projects/{self.project.slug}/{where}"
