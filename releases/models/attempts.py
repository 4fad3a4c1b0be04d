"""Attempts to deploy: the row is the job, the queue only rings."""

from django.conf import settings
from django.db import models

from releases.models.keeping import Kept
from releases.models.release import Release


class AttemptState(models.TextChoices):
    WAITING = "waiting", "Waiting for a worker"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class DeployAttempt(Kept):
    """One press of deploy or retry, until it ends.

    A worker holds it by ``fence`` until ``lease_until``. ``commits`` lists every
    commit id it built, each stored before the ref could move; after a crash the one
    reachable from ``main`` finishes the release. ``gates`` is what every gate said at
    the commit. ``steps`` lists ``{name, startedAt, endedAt, note}``.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(
        max_length=10, choices=AttemptState.choices, default=AttemptState.WAITING
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    runs = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    commits = models.JSONField(default=list)
    gates = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    failure_type = models.CharField(max_length=40, blank=True)
    failure_detail = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="attempt_number_is_unique", fields=["release", "number"]
            ),
            models.UniqueConstraint(
                name="one_attempt_runs_at_a_time",
                fields=["release"],
                condition=models.Q(state__in=["waiting", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release} attempt {self.number}"
