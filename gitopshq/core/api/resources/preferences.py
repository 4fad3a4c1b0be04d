"""What one is told and by which ways, over HTTP."""

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import preferences
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.asking import OWN
from gitopshq.core.models import User, Way
from gitopshq.core.preferences import Matrix, Row


class PreferenceSerializer(Serializer[Row]):
    event = serializers.CharField(source="notice.event", read_only=True)
    label = serializers.CharField(  # type: ignore[assignment]
        source="notice.label", read_only=True
    )
    in_app = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()
    is_chosen = serializers.SerializerMethodField(
        help_text="Whether it differs from the rule above it."
    )

    def get_in_app(self, row: Row) -> bool:
        return Way.IN_APP in row.ways

    def get_email(self, row: Row) -> bool:
        return Way.EMAIL in row.ways

    def get_is_chosen(self, row: Row) -> bool:
        return bool(row.chosen)


class PreferencesSerializer(Serializer[Matrix]):
    """``events`` say what holds while the project is not muted."""

    project = serializers.CharField(read_only=True)
    muted = serializers.BooleanField(source="is_muted", read_only=True)
    email_reaches = serializers.SerializerMethodField(
        help_text="Whether mail is sent here and the person has an address."
    )
    events = PreferenceSerializer(source="rows", many=True, read_only=True)

    def get_email_reaches(self, matrix: Matrix) -> bool:
        actor: User = self.context["view"].actor
        return settings.EMAIL_IS_ON and bool(actor.email)


class PreferenceInput(Serializer[None]):
    event = serializers.CharField(max_length=80)
    in_app = serializers.BooleanField()
    email = serializers.BooleanField()


class PreferencesInput(Serializer[None]):
    """Events that are not named follow the rule above."""

    muted = serializers.BooleanField(required=False, default=False)
    events = PreferenceInput(many=True)


class PreferenceFilters(Query):
    project = serializers.SlugField(
        required=False, default="", max_length=40, help_text="None: for all projects."
    )


class Preferences(ApiView):
    asks = {"PUT": OWN}

    @operation(gives=PreferencesSerializer, filters=PreferenceFilters)
    def get(self, request: Request) -> Response:
        """Show what one is told and how."""
        return self.show(self._matrix(), PreferencesSerializer)

    @operation(
        takes=PreferencesInput, gives=PreferencesSerializer, filters=PreferenceFilters
    )
    def put(self, request: Request) -> Response:
        """Choose what one is told and how, in all projects or in one."""
        project = self._matrix().project
        given = self.read(PreferencesInput)
        with self.unchanged(self._shape, lock=self._lock):
            matrix = preferences.set_preferences(
                wanted={row["event"]: _ways(row) for row in given["events"]},
                project=project,
                muted=given["muted"],
                actor=self.actor,
            )
        return self.show(matrix, PreferencesSerializer)

    def _matrix(self) -> Matrix:
        project = self.query(PreferenceFilters)["project"]
        preferences.check_project(self.actor, project)
        return preferences.matrix_of(self.actor, project=project)

    def _shape(self) -> object:
        return self.shape(self._matrix(), PreferencesSerializer)

    def _lock(self) -> object:
        return preferences.lock(self.actor)


def _ways(row: dict[str, Any]) -> list[str]:
    chosen = {Way.IN_APP: row["in_app"], Way.EMAIL: row["email"]}
    return [way for way, is_wanted in chosen.items() if is_wanted]
