"""What several of these views take or show."""

from typing import Any

from rest_framework import serializers

from environments.freezing import FreezeVerdict
from environments.models import SecretsInGit
from environments.models.tenancy import SLUG
from gitopshq.core.api.serializers import Query, Serializer

SLUG_LENGTH = 40
REASON_LENGTH = 255


class Slug(serializers.RegexField):
    """A slug; whether there is such an object is another question."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SLUG, max_length=SLUG_LENGTH, **kwargs)


class EditQuery(Query):
    """``?message=`` becomes the message of the edit."""

    message = serializers.CharField(
        required=False, max_length=500, help_text="The message of the edit."
    )


class FreezeSerializer(Serializer[FreezeVerdict]):
    """Whether it is frozen now, why, and when that changes."""

    frozen = serializers.BooleanField(source="is_frozen")
    name = serializers.CharField()
    reason = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    next_change = serializers.DateTimeField(allow_null=True)


class ArchiveInput(Serializer[None]):
    archived = serializers.BooleanField()


SECRETS_IN_GIT = SecretsInGit.values
