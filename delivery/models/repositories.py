"""One served repository per project, and the moves of its delivery branch."""

from django.db import models

from environments.models import Project


class HostedRepository(models.Model):
    """Where ``main`` and ``source`` are, as the database last knew them.

    Compared with the refs on disk at start and after a crash; the second, never
    served repository of renderings lies beside it.
    """

    project = models.OneToOneField(Project, models.PROTECT, related_name="repository")
    main_commit = models.CharField(max_length=40, blank=True)
    source_commit = models.CharField(max_length=40, blank=True)
    source_edit = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "hosted repositories"

    def __str__(self) -> str:
        return f"{self.project.slug}.git"


class RefMove(models.Model):
    """One advance of ``main``: by which release's job, from where to where."""

    repository = models.ForeignKey(
        HostedRepository, models.PROTECT, related_name="moves"
    )
    old_commit = models.CharField(max_length=40)
    new_commit = models.CharField(max_length=40)
    job = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_commit_is_reached_once", fields=["repository", "new_commit"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.old_commit[:8]} → {self.new_commit[:8]}"
