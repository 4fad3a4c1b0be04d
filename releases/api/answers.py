"""The shapes of what the API answers about releases."""

from rest_framework import serializers

from gitopshq.core.api.serializers import Serializer


class TargetName(Serializer[None]):
    tenant = serializers.CharField()
    environment = serializers.CharField()


class RenderingAnswer(Serializer[None]):
    state = serializers.CharField()
    tree = serializers.CharField(allow_null=True)
    errors = serializers.ListField(child=serializers.JSONField())  # type: ignore[assignment]


class VoteAnswer(Serializer[None]):
    approver = serializers.CharField()
    verdict = serializers.CharField()
    comment = serializers.CharField()
    decided_at = serializers.DateTimeField()
    counts = serializers.BooleanField()
    reason = serializers.CharField()
    lapses_at = serializers.DateTimeField(allow_null=True)
    freeze = serializers.JSONField(allow_null=True)


class ApprovalsAnswer(Serializer[None]):
    current = serializers.IntegerField()
    required = serializers.IntegerField()  # type: ignore[assignment]
    votes = VoteAnswer(many=True)


class PlannedWindow(Serializer[None]):
    start = serializers.DateTimeField(allow_null=True, required=False)
    end = serializers.DateTimeField(allow_null=True, required=False)


class CommitAnswer(Serializer[None]):
    sha = serializers.CharField()
    branch = serializers.CharField()


class SyncAnswer(Serializer[None]):
    state = serializers.CharField()
    revision = serializers.CharField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)


class FailureAnswer(Serializer[None]):
    type = serializers.CharField()
    detail = serializers.CharField()


class CancelledAnswer(Serializer[None]):
    kind = serializers.CharField()
    reason = serializers.CharField()
    by = serializers.CharField(allow_null=True)
    at = serializers.DateTimeField()


class AllowedActionAnswer(Serializer[None]):
    action = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField()


class RollbackPart(Serializer[None]):
    file = serializers.CharField()
    path = serializers.CharField()


class RollbackAnswer(Serializer[None]):
    """Of a rollback: from where to where, what of it, and which releases it undid."""

    to = serializers.CharField()
    of = serializers.CharField(allow_null=True)
    scope = serializers.CharField()
    services = serializers.ListField(child=serializers.CharField())
    fields = RollbackPart(many=True)  # type: ignore[assignment]
    rolled_back = serializers.ListField(child=serializers.CharField())


class BreakGlassAnswer(Serializer[None]):
    """A freeze set aside: by whom, why, and until when."""

    state = serializers.CharField()
    reason = serializers.CharField()
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    confirmed_by = serializers.CharField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class ReleaseAnswer(Serializer[None]):
    """A release, whole, with what the caller could do with it."""

    number = serializers.IntegerField()
    name = serializers.CharField()
    title = serializers.CharField()
    notes = serializers.CharField()
    ticket = serializers.CharField()
    state = serializers.CharField()
    kind = serializers.CharField()
    target = TargetName()
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    baseline_source_sha = serializers.CharField()
    base_release = serializers.CharField(allow_null=True)
    stale = serializers.BooleanField()
    stale_reason = serializers.JSONField(allow_null=True)
    digest = serializers.CharField(allow_null=True)
    rendering = RenderingAnswer()
    change_count = serializers.IntegerField()
    approvals = ApprovalsAnswer()
    policy_snapshot_json = serializers.JSONField(allow_null=True)
    planned_window = PlannedWindow(allow_null=True)
    rollback_plan = serializers.CharField()
    fallback_owner = serializers.CharField()
    commit = CommitAnswer(allow_null=True)
    sync = SyncAnswer()
    failure = FailureAnswer(allow_null=True)
    cancelled = CancelledAnswer(allow_null=True)
    deployed_by = serializers.CharField(allow_null=True)
    deployed_at = serializers.DateTimeField(allow_null=True)
    rolled_back_by = serializers.CharField(allow_null=True)
    rollback = RollbackAnswer(allow_null=True)
    planned_window_warnings = serializers.ListField(child=serializers.CharField())
    break_glass = BreakGlassAnswer(many=True)
    allowed_actions = AllowedActionAnswer(many=True)


class ChangeAnswer(Serializer[None]):
    """One change, pending or of a release; a fixed shape of the wire contract."""

    id = serializers.CharField()
    revision = serializers.CharField()
    type = serializers.CharField()
    object = serializers.CharField()
    facet = serializers.CharField()
    path = serializers.CharField()
    action = serializers.CharField()
    scope = serializers.CharField(allow_null=True)
    service = serializers.CharField(allow_null=True)
    summary = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)
    changed_by = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True)
    claimed_by = serializers.CharField(allow_null=True)
    held_by = serializers.CharField(allow_null=True)
    selectable = serializers.BooleanField()
    depends_on = serializers.ListField(child=serializers.CharField())
    shadowed_by = serializers.CharField(allow_null=True)


class GateAnswer(Serializer[None]):
    name = serializers.CharField()
    title = serializers.CharField()
    verdict = serializers.CharField()
    reason = serializers.CharField()
    next_change = serializers.DateTimeField(allow_null=True)
    details = serializers.JSONField()
    code = serializers.CharField(allow_null=True)


class PersonAnswer(Serializer[None]):
    user = serializers.CharField()
    name = serializers.CharField()
    eligible = serializers.BooleanField()
    reason = serializers.CharField()
