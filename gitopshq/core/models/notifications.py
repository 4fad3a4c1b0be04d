"""What a person is told inside the product."""

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """One message to one person, with a link to what it is about."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications"
    )
    event = models.CharField(max_length=80)
    project = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=255)
    body = models.TextField(blank=True)
    url = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(name="notifications_of", fields=["recipient", "-created_at"])
        ]

    def __str__(self) -> str:
        return self.title
