"""The audit trail: append-only rows, chained by hash per project."""

from django.conf import settings
from django.db import models


class AuditHead(models.Model):
    """The end of one project's chain; locking it serializes its writers."""

    project = models.CharField(max_length=40, unique=True, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    entry_hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.project or 'installation'} #{self.sequence}"


class AuditCheck(models.Model):
    """What reading a chain from end to end found the last time.

    ``through`` is the last entry that was right; ``reason`` says what was wrong with
    ``bad_sequence``, and is empty where nothing was.
    """

    project = models.CharField(max_length=40, unique=True, blank=True)
    through = models.PositiveBigIntegerField()
    checked_at = models.DateTimeField()
    bad_sequence = models.PositiveBigIntegerField(null=True)
    bad_entry = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.project or 'installation'} through #{self.through}"


class AuditEntry(models.Model):
    """What somebody did, or the system where ``actor`` is null. Never changed.

    ``entry_hash`` is SHA-256 over the previous hash and the canonical JSON of the row.
    """

    project = models.CharField(max_length=40, blank=True)
    sequence = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=150)
    event = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80)
    object_label = models.CharField(max_length=255)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)
    entry_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            models.UniqueConstraint(
                name="audit_sequence_is_unique", fields=["project", "sequence"]
            )
        ]
        indexes = [
            models.Index(name="audit_by_object", fields=["object_type", "object_id"]),
            models.Index(name="audit_by_time", fields=["project", "-at"]),
        ]

    def __str__(self) -> str:
        return f"{self.event} by {self.actor_name}"
