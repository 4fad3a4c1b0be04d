"""What was edited, by whom: the texts, and the outbox of the ``source`` branch."""

from django.conf import settings
from django.db import models

from environments.models.tenancy import Project


class Text(models.Model):
    """A text as saved, stored once by its SHA-256. Never changed, never deleted."""

    digest = models.CharField(max_length=64, primary_key=True)
    body = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.digest


class Edit(models.Model):
    """One change of desired state or policy, written in its transaction.

    ``files`` maps each path of the ``source`` layout that the edit touched to the
    digest of its new text, or to null where the file went away. What it touched inside
    them are its ``places``. ``source_commit`` is empty until the mirror has caught up.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="edits")
    sequence = models.PositiveBigIntegerField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    object_type = models.CharField(max_length=40)
    object_name = models.CharField(max_length=255)
    files = models.JSONField(default=dict)
    message = models.CharField(max_length=500)
    source_commit = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="edit_sequence_is_unique", fields=["project", "sequence"]
            )
        ]
        indexes = [
            models.Index(
                name="edits_to_mirror",
                fields=["project", "sequence"],
                condition=models.Q(source_commit=""),
            ),
            models.Index(name="edit_commits", fields=["source_commit"]),
        ]

    def __str__(self) -> str:
        return f"{self.project.slug} #{self.sequence} {self.message}"


class EditedPlace(models.Model):
    """One place that an edit touched, the origin of ``changedBy``.

    ``file`` is a path of the ``source`` layout, ``pointer`` a JSON Pointer inside it;
    the empty pointer is the whole file. ``sequence`` is that of the edit.
    """

    edit = models.ForeignKey(Edit, models.CASCADE, related_name="places")
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    sequence = models.PositiveBigIntegerField()
    file = models.CharField(max_length=500)
    pointer = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(
                name="edits_of_a_place", fields=["project", "file", "-sequence"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.file}#{self.pointer}"
