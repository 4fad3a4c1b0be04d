"""A release and the steps of its life (domain 7). Steps change the object alone."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django_fsm import FSMField, FSMModelMixin

from delivery.models import Rendering
from environments.models import Project, TenantEnvironment
from gitopshq.core.fsm import transition
from gitopshq.core.models import User
from releases import errors
from releases.models.choices import (
    CANCELLABLE,
    CLAIMING,
    CancelKind,
    ReleaseKind,
    RollbackScope,
    Status,
)
from releases.models.keeping import Kept
from releases.models.snapshots import Snapshot


class Release(FSMModelMixin, Kept):
    """A set of changes that travels to one target as one.

    ``digest`` is what votes bind to, empty until the rendering is ready.
    ``takes_all``: it was made of everything pending. ``auto_refusal`` is the code for
    which the system does not deploy it by itself, once its author was told.
    A rollback goes to ``rollback_to``; ``rollback_parts`` are names of services, or
    ``{file, path}`` of fields.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="releases")
    target = models.ForeignKey(
        TenantEnvironment, models.PROTECT, related_name="releases"
    )
    number = models.PositiveIntegerField()
    status = FSMField(choices=Status.choices, default=Status.DRAFT, protected=True)
    kind = models.CharField(
        max_length=10, choices=ReleaseKind.choices, default=ReleaseKind.NORMAL
    )
    title = models.CharField(max_length=200)
    notes = models.TextField(blank=True)
    ticket = models.CharField(max_length=100, blank=True)
    rollback_plan = models.TextField(blank=True)
    fallback_owner = models.CharField(max_length=150, blank=True)
    planned_start = models.DateTimeField(null=True, blank=True)
    planned_end = models.DateTimeField(null=True, blank=True)
    takes_all = models.BooleanField(default=True)
    policy_snapshot = models.JSONField(null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    base_release = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+"
    )
    recreated_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="recreations"
    )
    baseline_edit = models.PositiveBigIntegerField(default=0)
    baseline_source_sha = models.CharField(max_length=40, blank=True)
    baseline_digest = models.CharField(max_length=64)
    baseline_snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, related_name="+"
    )
    policy_at_cut = models.JSONField(null=True)
    frozen_at_cut = models.JSONField(null=True)
    base_snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, related_name="+"
    )
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="+")
    rendering = models.ForeignKey(Rendering, models.PROTECT, related_name="releases")
    digest = models.CharField(max_length=64, blank=True)
    barred = models.JSONField(default=dict)
    is_stale = models.BooleanField(default=False)
    stale_reason = models.JSONField(null=True)
    stale_told_at = models.DateTimeField(null=True)

    submitted_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    auto_refusal = models.CharField(max_length=40, blank=True)
    commit_sha = models.CharField(max_length=40, blank=True)
    deployed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    deployed_at = models.DateTimeField(null=True)
    failure_type = models.CharField(max_length=40, blank=True)
    failure_detail = models.TextField(blank=True)
    failed_at = models.DateTimeField(null=True)
    cancel_kind = models.CharField(
        max_length=10, choices=CancelKind.choices, blank=True
    )
    cancel_reason = models.TextField(blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True)
    rolled_back_by = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+"
    )
    rollback_to = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="rollbacks"
    )
    rollback_scope = models.CharField(
        max_length=10, choices=RollbackScope.choices, blank=True
    )
    rollback_parts = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="release_number_is_unique", fields=["project", "number"]
            ),
            models.CheckConstraint(
                name="release_status_is_known",
                condition=models.Q(status__in=Status.values),
            ),
            models.CheckConstraint(
                name="a_deployed_release_has_a_commit",
                condition=~models.Q(status__in=["deployed", "rolled_back"])
                | (~models.Q(commit_sha="") & models.Q(deployed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="a_cancelled_release_says_how",
                condition=~models.Q(status="cancelled") | ~models.Q(cancel_kind=""),
            ),
            models.CheckConstraint(
                name="a_rollback_says_where_to",
                condition=models.Q(kind="rollback", rollback_to__isnull=False)
                & ~models.Q(rollback_scope="")
                | ~models.Q(kind="rollback")
                & models.Q(rollback_to=None, rollback_scope=""),
            ),
            models.UniqueConstraint(
                name="one_release_deploys_into_a_target_at_a_time",
                fields=["target"],
                condition=models.Q(status="deploying"),
            ),
        ]
        indexes = [
            models.Index(
                name="open_releases",
                fields=["target", "-id"],
                condition=models.Q(status__in=[str(s) for s in CLAIMING]),
            ),
            models.Index(name="releases_of_target", fields=["target", "-number"]),
            # All that a search for words of titles reads, the newest first.
            models.Index(name="release_titles", fields=["-id", "target", "title"]),
            models.Index(name="release_commits", fields=["commit_sha"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.slug}/releases/{self.number}"

    # What it can tell about itself

    @property
    def name(self) -> str:
        """How people call it: ``R-42``."""
        return f"R-{self.number}"

    @property
    def is_open(self) -> bool:
        """Whether it claims its changes."""
        return self.status in CLAIMING

    @property
    def is_in_motion(self) -> bool:
        """Whether a worker is at it, so that a page should look again."""
        return self.status == Status.DEPLOYING or (
            self.is_open and self.rendering.state == "pending"
        )

    # The steps of its life

    @transition(
        status,
        source=Status.DRAFT,
        target=Status.PENDING_APPROVAL,
        participle="submitted",
    )
    def submit(self) -> None:
        self.submitted_at = timezone.now()

    @transition(
        status,
        source=Status.PENDING_APPROVAL,
        target=Status.APPROVED,
        participle="approved",
    )
    def approve(self) -> None:
        self.approved_at = timezone.now()
        self.auto_refusal = ""

    @transition(
        status,
        source=Status.APPROVED,
        target=Status.PENDING_APPROVAL,
        participle="sent back for approval",
    )
    def reopen(self) -> None:
        self.approved_at = None

    @transition(
        status,
        source=[*CANCELLABLE],
        target=Status.CANCELLED,
        participle="cancelled",
    )
    def cancel(self, *, kind: CancelKind, reason: str, by: User | None) -> None:
        self.cancel_kind = kind
        self.cancel_reason = reason
        self.cancelled_by = by
        self.cancelled_at = timezone.now()

    @transition(
        status,
        source=Status.APPROVED,
        target=Status.DEPLOYING,
        participle="deployed",
        error=errors.NotDeployable,
    )
    def start_deploying(self, *, by: User | None) -> None:
        self.deployed_by = by

    @transition(
        status, source=Status.FAILED, target=Status.DEPLOYING, participle="retried"
    )
    def retry(self, *, by: User | None) -> None:
        self.deployed_by = by
        self.failure_type = self.failure_detail = ""
        self.failed_at = None

    @transition(
        status,
        source=Status.DEPLOYING,
        target=Status.DEPLOYED,
        participle="marked as deployed",
    )
    def finish_deploying(self, *, commit: str, at: datetime) -> None:
        self.commit_sha = commit
        self.deployed_at = at

    @transition(
        status,
        source=Status.DEPLOYING,
        target=Status.FAILED,
        participle="marked as failed",
    )
    def fail(self, *, failure_type: str, detail: str) -> None:
        self.failure_type = failure_type
        self.failure_detail = detail
        self.failed_at = timezone.now()

    @transition(
        status,
        source=Status.DEPLOYED,
        target=Status.ROLLED_BACK,
        participle="rolled back",
    )
    def roll_back(self, *, by: "Release") -> None:
        self.rolled_back_by = by
