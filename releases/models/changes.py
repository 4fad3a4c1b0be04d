"""The rows a release carries, and those held back after a rollback."""

from django.db import models

from environments.models import TenantEnvironment
from releases.models.release import Release


class ReleaseChange(models.Model):
    """One selected change as it was shown, claimed while its release is open."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="changes")
    target = models.ForeignKey(TenantEnvironment, models.PROTECT, related_name="+")
    change_id = models.CharField(max_length=32)
    revision = models.CharField(max_length=64)
    position = models.PositiveIntegerField()
    type = models.CharField(max_length=30)
    document = models.JSONField()
    is_claimed = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_release_names_a_change_once", fields=["release", "change_id"]
            ),
            models.UniqueConstraint(
                name="one_claim_per_change",
                fields=["target", "change_id"],
                condition=models.Q(is_claimed=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.document.get("summary", self.change_id))


class HeldChange(models.Model):
    """A change undone by a rollback: pending, but shipped only when named."""

    target = models.ForeignKey(
        TenantEnvironment, models.PROTECT, related_name="held_changes"
    )
    change_id = models.CharField(max_length=32)
    revision = models.CharField(max_length=64)
    by_release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_hold_per_change",
                fields=["target", "change_id"],
                condition=models.Q(ended_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.change_id} held by {self.by_release}"
