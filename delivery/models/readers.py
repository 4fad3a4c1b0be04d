"""Who reads a hosted repository by Git, and what stood there when they last did."""

from django.db import models

from delivery.models.repositories import HostedRepository
from gitopshq.core.models import ApiToken

LONGEST_AGENT = 120


class RepositoryReader(models.Model):
    """One program with one token (none: anonymous), as it was seen last.

    ``commit`` is where ``main`` was then. Written at most once a minute each.
    """

    repository = models.ForeignKey(
        HostedRepository, models.CASCADE, related_name="readers"
    )
    token = models.ForeignKey(ApiToken, models.CASCADE, null=True, related_name="+")
    agent = models.CharField(max_length=LONGEST_AGENT)
    last_at = models.DateTimeField()
    commit = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_reader_with_a_token_is_one_row",
                fields=["repository", "token", "agent"],
                condition=models.Q(token__isnull=False),
            ),
            models.UniqueConstraint(
                name="an_anonymous_reader_is_one_row",
                fields=["repository", "agent"],
                condition=models.Q(token__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} of {self.repository}"
