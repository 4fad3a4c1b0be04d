"""What is put on record beside a release: comments, break-glass, evidence."""

from typing import Final

from django.conf import settings
from django.db import models

from releases.models.keeping import Kept
from releases.models.release import Release


class ReleaseComment(Kept):
    """What somebody said of a release."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    body = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.author} on {self.release}"


class BreakGlass(Kept):
    """A freeze set aside for one release, by two people, for an hour (domain 8).

    It opens the freeze gate between ``confirmed_at`` and ``expires_at`` only. Rows
    stay on the release for ever.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="break_glasses")
    reason = models.TextField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "break-glasses"
        constraints = [
            models.CheckConstraint(
                name="break_glass_takes_two_people",
                condition=models.Q(confirmed_by=None)
                | ~models.Q(confirmed_by=models.F("asked_by")),
            ),
            models.CheckConstraint(
                name="confirmed_break_glass_ends",
                condition=models.Q(
                    confirmed_by=None, confirmed_at=None, expires_at=None
                )
                | models.Q(
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    expires_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"break-glass on {self.release}"


class Evidence(Kept):
    """What people add to the record of a release, until closing freezes it.

    The system fills the other fields of the ten (domain 12). ``document`` is the
    whole evidence as it was when closed, ``digest`` its sha256.
    """

    EDITABLE: Final = (
        "risk_summary",
        "runtime_verification",
        "fallback_plan",
        "follow_up_tasks",
    )

    release = models.OneToOneField(Release, models.PROTECT, related_name="evidence")
    risk_summary = models.TextField(blank=True)
    runtime_verification = models.TextField(blank=True)
    fallback_plan = models.TextField(blank=True)
    follow_up_tasks = models.TextField(blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    verified_at = models.DateTimeField(null=True)
    verification_note = models.TextField(blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    document = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                name="closed_evidence_is_whole",
                condition=models.Q(closed_at=None)
                | models.Q(closed_by__isnull=False, document__isnull=False)
                & ~models.Q(digest=""),
            )
        ]

    def __str__(self) -> str:
        return f"evidence of {self.release}"
