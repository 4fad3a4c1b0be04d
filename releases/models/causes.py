"""Searches for what causes each changed line of the manifests."""

from django.db import models

from environments.models import Project
from releases.models.snapshots import Snapshot


class SearchState(models.TextChoices):
    PENDING = "pending", "Being worked out"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class CauseSearch(models.Model):
    """What each change between two snapshots did to the manifests; a cache.

    ``digest`` is SHA-256 over both snapshots, both trees and ``secrets_in_git``: two
    releases of the same content share it. ``result`` holds change ids, paths and
    numbers of lines, never a text of a manifest. The row is the job.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    before = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="+")
    after = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    tree_before = models.CharField(max_length=40, blank=True)
    tree_after = models.CharField(max_length=40)
    secrets_in_git = models.CharField(max_length=10)
    state = models.CharField(
        max_length=10, choices=SearchState.choices, default=SearchState.PENDING
    )
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "cause searches"
        constraints = [
            models.UniqueConstraint(
                name="one_cause_search_per_digest", fields=["project", "digest"]
            )
        ]
        indexes = [
            models.Index(
                name="cause_searches_to_make",
                fields=["lease_until"],
                condition=models.Q(state="pending"),
            )
        ]

    def __str__(self) -> str:
        return f"causes {self.digest[:12]}"
