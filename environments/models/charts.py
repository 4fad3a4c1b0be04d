"""Helm charts as uploaded: immutable, shared by the installation."""

from django.conf import settings
from django.db import models


class ChartArchive(models.Model):
    """The bytes of a packaged chart, by their SHA-256."""

    digest = models.CharField(max_length=64, primary_key=True)
    data = models.BinaryField()

    def __str__(self) -> str:
        return self.digest


class Chart(models.Model):
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class ChartVersion(models.Model):
    """One immutable version.

    ``facts`` holds the digests of texts that its archive holds: ``values`` (its
    ``values.yaml``), ``schema`` (its ``values.schema.json``) and ``subcharts`` (what
    lies in its ``charts/``, as `desired.subcharts` reads it), for pages to show.
    """

    chart = models.ForeignKey(Chart, models.PROTECT, related_name="versions")
    version = models.CharField(max_length=100)
    archive = models.ForeignKey(ChartArchive, models.PROTECT, related_name="+")
    app_version = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="chart_version_is_unique", fields=["chart", "version"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.chart.name} {self.version}"

    @property
    def digest(self) -> str:
        """The SHA-256 of the archive, hex."""
        return self.archive_id
