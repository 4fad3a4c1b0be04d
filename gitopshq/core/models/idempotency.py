"""Requests that were answered under an ``Idempotency-Key``, kept for 24 hours."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models


class IdempotencyRecord(models.Model):
    """The answer to the first request; ``status`` null while it still runs.

    ``body`` is the answer byte for byte.
    """

    ABANDONED_AFTER: ClassVar = timedelta(minutes=1)
    """A claim this old belongs to a process that died, or comes too late if not."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+"
    )
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    # A text, since a JSON column would lose the order of keys.
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_answer_per_key", fields=["actor", "path", "key"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.path}"
