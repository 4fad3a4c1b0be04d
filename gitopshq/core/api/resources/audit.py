"""The audit trail over HTTP: pages of it, whole exports, and whether it is intact."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import audit_checks, audit_export, audit_reading, errors
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.models import AuditEntry


class AuditObjectSerializer(Serializer[AuditEntry]):
    type = serializers.CharField(source="object_type", read_only=True)
    id = serializers.CharField(source="object_id", read_only=True)
    label = serializers.CharField(  # type: ignore[assignment]
        source="object_label", read_only=True
    )


class AuditEntrySerializer(ModelSerializer[AuditEntry]):
    """``actor`` is a user name, or ``system``."""

    class Meta:
        model = AuditEntry
        fields = [
            "id",
            "project",
            "sequence",
            "at",
            "actor",
            "event",
            "object",
            "before",
            "after",
            "data",
            "request_id",
            "previous_hash",
            "entry_hash",
        ]
        read_only_fields = fields

    actor = serializers.CharField(source="actor_name", read_only=True)
    object = AuditObjectSerializer(source="*", read_only=True)


class AuditFilters(Query):
    project = serializers.CharField(
        required=False, max_length=40, allow_blank=True, help_text="A slug."
    )
    actor = serializers.CharField(required=False, max_length=150)
    event = serializers.CharField(
        required=False, max_length=80, help_text="A name, or its beginning and `*`."
    )
    object = serializers.CharField(
        required=False, max_length=255, help_text="A label, an id, or `type:id`."
    )
    request_id = serializers.CharField(
        required=False, max_length=64, help_text="As in the answer's `X-Request-Id`."
    )
    since = serializers.DateTimeField(required=False, help_text="Inclusive.")
    until = serializers.DateTimeField(required=False, help_text="Exclusive.")
    format = serializers.ChoiceField(["json", "jsonl", "csv"], required=False)


class JsonLines(JSONRenderer):
    media_type = "application/x-ndjson"
    format = "jsonl"


class Csv(JSONRenderer):
    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"


class AuditList(ApiView):
    spans_projects = True
    renderer_classes = (JSONRenderer, JsonLines, Csv)

    @operation(
        gives=AuditEntrySerializer,
        is_list=True,
        filters=AuditFilters,
        other={(200, "application/x-ndjson"): str, (200, "text/csv"): str},
    )
    def get(self, request: Request) -> HttpResponseBase:
        """List or export the entries that one may read, newest first."""
        entries = self._entries()
        match request.accepted_renderer.format:
            case "jsonl":
                return _download(audit_export.jsonl_lines(entries), JsonLines)
            case "csv":
                return _download(audit_export.csv_lines(entries), Csv)
        return self.page(entries, AuditEntrySerializer)

    def _entries(self) -> QuerySet[AuditEntry]:
        chosen = self.query(AuditFilters)
        chosen.pop("format", None)
        if "object" in chosen:
            chosen["about"] = chosen.pop("object")
        entries = audit_reading.entries_open_to(self.actor)
        if self.token_project:
            entries = entries.filter(project=self.token_project)
        return audit_reading.narrowed(entries, **chosen)


class BadEntrySerializer(Serializer[Any]):
    project = serializers.CharField()
    sequence = serializers.IntegerField()
    id = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()


class AuditVerdictSerializer(Serializer[Any]):
    ok = serializers.BooleanField()
    checked = serializers.IntegerField()
    first_bad = BadEntrySerializer(allow_null=True)


class VerifyFilters(Query):
    project = serializers.CharField(required=False, max_length=40, allow_blank=True)


class AuditVerify(ApiView):
    spans_projects = True

    @operation(gives=AuditVerdictSerializer, filters=VerifyFilters)
    def get(self, request: Request) -> Response:
        """Read the chains that one may read from end to end."""
        wanted = self.query(VerifyFilters).get("project")
        chains = audit_reading.chains_open_to(self.actor)
        for only in [wanted, self.token_project or None]:
            if only is not None:
                is_open = chains is None or only in chains
                chains = [only] if is_open else []
        if chains is not None and not chains:
            raise errors.NotPermitted(permission="audit.view")
        return Response(audit_checks.verify(chains).to_json())


def _download(lines: Any, kind: type[JSONRenderer]) -> StreamingHttpResponse:
    name = f"audit.{kind.format}"
    return StreamingHttpResponse(
        lines,
        content_type=f"{kind.media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
