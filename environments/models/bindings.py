"""Kustomize overlays and plain manifests of a target, as sets of files."""

from django.db import models

from environments.models.tenancy import TenantEnvironment, slug_is_legal
from environments.models.workloads import Workload


class FileSet(models.Model):
    """A named set of files: ``files`` maps a relative path to a text's digest.

    One that is off keeps its files and is no part of the target's desired state.
    """

    name = models.CharField(max_length=40, validators=[slug_is_legal])
    files = models.JSONField(default=dict)
    is_on = models.BooleanField(default=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class KustomizeBinding(FileSet):
    """An overlay: standalone, or fed with one workload's Helm output."""

    target = models.ForeignKey(
        TenantEnvironment, models.PROTECT, related_name="kustomize_bindings"
    )
    workload = models.ForeignKey(
        Workload, models.PROTECT, null=True, blank=True, related_name="overlays"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="overlay_name_is_unique", fields=["target", "name"]
            ),
            models.UniqueConstraint(
                name="one_overlay_per_workload",
                fields=["target", "workload"],
                condition=models.Q(workload__isnull=False),
            ),
        ]


class ManifestBinding(FileSet):
    """Plain manifest files."""

    target = models.ForeignKey(
        TenantEnvironment, models.PROTECT, related_name="manifest_bindings"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="manifest_binding_name_is_unique", fields=["target", "name"]
            )
        ]
