"""What somebody has looked at: notes of one person to themselves, no record."""

from django.conf import settings
from django.db import models


class ViewedFile(models.Model):
    """That somebody has viewed a changed file as it was then.

    ``content`` is what ``selectors.viewed.content_of`` gives of the file, so that the
    mark holds as long as the change is the same, whatever release shows it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="viewed_files"
    )
    content = models.CharField(max_length=64)
    viewed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_view_of_a_content", fields=["user", "content"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} viewed {self.content[:12]}"
