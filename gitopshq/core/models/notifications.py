"""What a person is told, by which ways, and the messages still to be sent."""

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """One message to one person, with a link to what it is about.

    Where ``is_shown`` is off, the person wants it by other ways alone.
    """

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
    is_shown = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(name="notifications_of", fields=["recipient", "-created_at"])
        ]

    def __str__(self) -> str:
        return self.title


class Way(models.TextChoices):
    """How a message reaches its person, besides the product itself."""

    IN_APP = "in_app", "In GitOpsHQ"
    EMAIL = "email", "E-mail"


class NotificationPreference(models.Model):
    """Whether a person wants an event by a way. No row means the event's default.

    An empty ``project`` is for all projects; a row for one project goes before it. An
    empty ``event`` is for all events: a row of one project with ``wanted`` off mutes
    the project for that way, whatever its other rows say.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="notification_preferences",
    )
    event = models.CharField(max_length=80, blank=True)
    way = models.CharField(max_length=10, choices=Way.choices)
    project = models.CharField(max_length=40, blank=True)
    wanted = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="one_preference_each", fields=["user", "event", "way", "project"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.event} {self.way}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    DEAD = "dead", "Given up"


class Delivery(models.Model):
    """One message on its way out: written with what it tells, sent by a worker.

    ``lease_until`` keeps two workers apart; whoever dies loses it and another sends.
    """

    notification = models.ForeignKey(
        Notification, models.CASCADE, related_name="deliveries"
    )
    way = models.CharField(max_length=10, choices=Way.choices)
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                name="one_delivery_each_way", fields=["notification", "way"]
            )
        ]
        indexes = [
            models.Index(
                name="deliveries_waiting",
                fields=["next_try_at"],
                condition=models.Q(state="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.notification} by {self.way}"
