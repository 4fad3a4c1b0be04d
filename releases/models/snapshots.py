"""What a release ships, frozen; and what is deployed in each target."""

from django.db import models

from environments.models import Project, TenantEnvironment
from releases.models.keeping import Kept


class Snapshot(Kept):
    """A State, whole and immutable, once per project by its digest."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="snapshots")
    digest = models.CharField(max_length=64)
    document = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_snapshot_per_digest", fields=["project", "digest"]
            )
        ]

    def __str__(self) -> str:
        return f"snapshot {self.digest[:12]}"


class SyncState(models.TextChoices):
    NOT_TRACKED = "not_tracked", "Not tracked"
    PENDING = "pending", "Sync pending"
    SYNCED = "synced", "Synced"
    OUT_OF_SYNC = "out_of_sync", "Out of sync"
    DEGRADED = "degraded", "Degraded"
    AGENT_UNREACHABLE = "agent_unreachable", "Agent unreachable"


class DeployedState(models.Model):
    """What a target runs: the release and snapshot that reached ``main`` last.

    ``listed_tree`` is the tree whose files ``DeployedResource`` lists.
    """

    target = models.OneToOneField(
        TenantEnvironment, models.PROTECT, related_name="deployed"
    )
    release = models.ForeignKey("releases.Release", models.PROTECT, related_name="+")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    deployed_at = models.DateTimeField()
    sync_state = models.CharField(
        max_length=20, choices=SyncState.choices, default=SyncState.NOT_TRACKED
    )
    sync_revision = models.CharField(max_length=40, blank=True)
    sync_checked_at = models.DateTimeField(null=True)
    listed_tree = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sync_state_is_known",
                condition=models.Q(sync_state__in=SyncState.values),
            )
        ]

    def __str__(self) -> str:
        return f"{self.target} runs {self.release}"

    @property
    def is_reported(self) -> bool:
        """Whether a cluster has told what it makes of this."""
        return self.sync_state != SyncState.NOT_TRACKED
