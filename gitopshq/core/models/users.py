"""Who acts: people, service accounts, and the tokens of both."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class Theme(models.TextChoices):
    AUTO = "auto", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class User(AbstractUser):
    """A person, or the account a service account acts through."""

    display_name = models.CharField(max_length=100, blank=True)
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    time_zone = models.CharField(max_length=64, default="UTC")
    keyboard_shortcuts = models.BooleanField(default=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="user_theme_is_known", condition=models.Q(theme__in=Theme.values)
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name to show: the display name, else the full name, else the login."""
        return self.display_name or self.get_full_name() or self.username


class ServiceAccount(models.Model):
    """A robot that acts through *user* and counts, for every rule, as *owner*."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="service_account"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="service_accounts"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user} of {self.owner}"


class TokenScope(models.TextChoices):
    READ = "read", "Read"
    CONFIG_WRITE = "config:write", "Change desired state"
    IMAGES_WRITE = "images:write", "Bump images"
    RELEASES_WRITE = "releases:write", "Create and edit releases"
    RELEASES_DEPLOY = "releases:deploy", "Deploy releases"
    GIT_READ = "git:read", "Clone and fetch"
    ADMIN = "admin", "Everything its owner may"


class ApiToken(models.Model):
    """A hashed credential, never broader than its owner. The secret is shown once.

    ``project`` is the slug of the only project it opens; empty for all its owner's.
    ``parent`` is the token that asked for this one, which it never outlives.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens"
    )
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    project = models.CharField(max_length=40, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    def is_live(self, now: datetime) -> bool:
        """Say whether the token itself is neither revoked nor expired at *now*."""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.revoked_at is None and not expired
