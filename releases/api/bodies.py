"""The shapes of what the API takes in about releases."""

from rest_framework import serializers

from approvals.models import LONGEST_COMMENT
from gitopshq.core.api.serializers import Query, Serializer
from releases.actions.cancelling import LONGEST_REASON
from releases.api.answers import PlannedWindow
from releases.models import Status

NOTES = 64 * 1024
SHORT = 1000
CHANGE_NAME = 32 + 1 + 64


class Words(Serializer[None]):
    """What people say about a release."""

    title = serializers.CharField(max_length=200)
    notes = serializers.CharField(
        max_length=NOTES, allow_blank=True, trim_whitespace=False, required=False
    )
    ticket = serializers.CharField(max_length=100, allow_blank=True, required=False)
    rollback_plan = serializers.CharField(
        max_length=NOTES, allow_blank=True, required=False
    )
    fallback_owner = serializers.CharField(
        max_length=150, allow_blank=True, required=False
    )
    planned_window = PlannedWindow(required=False, allow_null=True)
    change_ids = serializers.ListField(
        child=serializers.CharField(max_length=CHANGE_NAME),
        required=False,
        allow_null=True,
        max_length=5000,
    )


class ReleaseInput(Words):
    tenant = serializers.CharField(max_length=40, required=False)
    tenants = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        min_length=1,
        max_length=200,
    )
    environment = serializers.CharField(max_length=40)
    policy_snapshot_json = serializers.JSONField(required=False, allow_null=True)


class ReleasePatch(Words):
    pass


class RenewInput(Serializer[None]):
    policy_snapshot_json = serializers.JSONField(required=False, allow_null=True)


class CancelInput(Serializer[None]):
    reason = serializers.CharField(
        max_length=LONGEST_REASON, allow_blank=True, required=False, default=""
    )


class VoteInput(Serializer[None]):
    digest = serializers.CharField(max_length=64)
    comment = serializers.CharField(
        max_length=LONGEST_COMMENT, allow_blank=True, required=False, default=""
    )


class RejectInput(Serializer[None]):
    reason = serializers.CharField(
        max_length=LONGEST_COMMENT, allow_blank=True, required=False, default=""
    )


class PreviewInput(Serializer[None]):
    change_ids = serializers.ListField(
        child=serializers.CharField(max_length=CHANGE_NAME),
        required=False,
        allow_null=True,
        max_length=5000,
    )


class ReleaseFilters(Query):
    state = serializers.ChoiceField(choices=Status.choices, required=False)
    tenant = serializers.CharField(max_length=40, required=False)
    environment = serializers.CharField(max_length=40, required=False)
    author = serializers.CharField(max_length=150, required=False)
    stale = serializers.BooleanField(required=False)
