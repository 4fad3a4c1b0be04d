"""Requests for agreement and the votes on them, whatever is agreed on."""

from typing import Final

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse

from environments.models import Environment


class RequestState(models.TextChoices):
    PENDING = "pending", "Pending"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"


class RequestKind(models.TextChoices):
    RELEASE = "release", "Release"
    PROMOTION = "promotion", "Promotion"
    CLUSTER_COMMAND = "cluster_command", "Cluster command"


LONGEST_COMMENT: Final = 10_000
"""Characters of what is said with a vote."""

OPEN_STATES = (RequestState.PENDING,)


class ApprovalRequest(models.Model):
    """One question put to the approvers of an environment.

    What they must know of the subject is copied here when the request is opened or
    refreshed, so that the inbox reads one table: ``facts`` holds title, target, url,
    change counts by type; ``barred`` maps user ids (as text) to the reason why each
    may not vote. ``digest`` is what votes bind to; empty while nothing is rendered.
    """

    kind = models.CharField(max_length=20, choices=RequestKind.choices)
    subject_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    subject_id = models.PositiveBigIntegerField()
    project = models.CharField(max_length=40)
    environment = models.ForeignKey(
        Environment, models.PROTECT, related_name="approval_requests"
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    state = models.CharField(
        max_length=10, choices=RequestState.choices, default=RequestState.PENDING
    )
    digest = models.CharField(max_length=64, blank=True)
    required = models.PositiveSmallIntegerField()
    expiry_hours = models.PositiveIntegerField(null=True)
    block_self_approval = models.BooleanField(default=True)
    facts = models.JSONField(default=dict)
    barred = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    notified_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_request_per_subject", fields=["subject_type", "subject_id"]
            ),
            models.CheckConstraint(
                name="approval_request_state_is_known",
                condition=models.Q(state__in=RequestState.values),
            ),
        ]
        indexes = [
            models.Index(
                name="pending_requests",
                fields=["environment", "-id"],
                condition=models.Q(state="pending"),
            )
        ]

    def __str__(self) -> str:
        return str(self.facts.get("title", f"{self.kind} {self.subject_id}"))

    def get_absolute_url(self) -> str:
        """Return the inbox with this request open."""
        return f"{reverse('approvals:inbox')}?item={self.pk}"


class Verdict(models.TextChoices):
    APPROVE = "approve", "Approved"
    REJECT = "reject", "Rejected"


class ApprovalDecision(models.Model):
    """One person's vote, bound to the digest that was shown to them.

    It counts while it is neither withdrawn nor voided, its digest is the request's,
    it has not expired, and its giver is still eligible. ``freeze`` is the freeze there
    was at the vote, None without one.
    """

    request = models.ForeignKey(
        ApprovalRequest, models.PROTECT, related_name="decisions"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    digest = models.CharField(max_length=64, blank=True)
    comment = models.TextField(blank=True)
    freeze = models.JSONField(null=True)
    decided_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    voided_at = models.DateTimeField(null=True)
    void_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_live_decision_per_approver",
                fields=["request", "approver"],
                condition=models.Q(withdrawn_at=None, voided_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.approver} {self.verdict}"


class SavedView(models.Model):
    """Filters of the inbox that somebody keeps under a name, for themselves alone.

    ``query`` is what stands in the inbox's address, in one order.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="inbox_views"
    )
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_inbox_view_per_name", fields=["owner", "name"]
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the inbox under these filters."""
        asked = f"?{self.query}" if self.query else ""
        return f"{reverse('approvals:inbox')}{asked}"
