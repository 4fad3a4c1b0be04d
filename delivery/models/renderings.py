"""Renderings by the digest of what went in, and their cached units."""

from django.db import models

from environments.models import Project


class RenderingState(models.TextChoices):
    PENDING = "pending", "Rendering"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class Rendering(models.Model):
    """The tree that a State gives, or every error found on the way.

    ``digest`` is SHA-256 over the State without its policy (its JSON is in
    ``state_document``), the versions in ``engines`` and what else decides between a
    tree and errors, in ``conditions``. ``tree`` is a Git tree id in the project's
    repository of renderings. The row is the job: ``lease_until`` and ``fence`` belong
    to the worker that holds it. ``created_at`` is when it was asked for, or for again.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="renderings")
    digest = models.CharField(max_length=64)
    engines = models.JSONField(default=dict)
    conditions = models.JSONField(default=dict)
    state_document = models.JSONField()
    state = models.CharField(
        max_length=10, choices=RenderingState.choices, default=RenderingState.PENDING
    )
    tree = models.CharField(max_length=40, blank=True)
    errors = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_rendering_per_digest", fields=["project", "digest"]
            ),
            models.CheckConstraint(
                name="a_ready_rendering_has_a_tree",
                condition=~models.Q(state="ready", tree=""),
            ),
        ]
        indexes = [
            models.Index(
                name="renderings_to_make",
                fields=["lease_until"],
                condition=models.Q(state="pending"),
            )
        ]

    def __str__(self) -> str:
        return f"rendering {self.digest[:12]}"


class RenderedUnit(models.Model):
    """One unit's documents by the digest of all its inputs, as Git object ids.

    ``tree`` is the unit's folder; ``documents`` lists ``[apiVersion, kind, namespace,
    name, source, blob]`` in order. Rows are kept: a workload that may differ from run
    to run keeps its first bytes until an input changes.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="rendered_units")
    key = models.CharField(max_length=64)
    tree = models.CharField(max_length=40)
    documents = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_unit_per_key", fields=["project", "key"])
        ]

    def __str__(self) -> str:
        return self.key[:12]
