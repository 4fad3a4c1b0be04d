"""What one release holds and how it stands: changes, votes, gates, diffs, attempts."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from delivery.diffs import FileDiff, unified
from gitopshq.core.api import etags
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from gitopshq.core.errors import NotFound
from releases import gates, people
from releases.api.answers import (
    ApprovalsAnswer,
    ChangeAnswer,
    GateAnswer,
    PersonAnswer,
)
from releases.api.releases import ReleaseView
from releases.changes import release_changes
from releases.documents import vote_document
from releases.models import DeployAttempt
from releases.quorum import progress_of
from releases.selectors import diffs_of, timeline_of
from releases.selectors.content import Level

UNIFIED = "text/x-diff"


class UnifiedRenderer(JSONRenderer):
    """Lets a client ask for unified text; the view writes it."""

    media_type = UNIFIED
    charset = "utf-8"


DIFF_RENDERERS = (JSONRenderer, UnifiedRenderer)


class HunkAnswer(Serializer[None]):
    old_start = serializers.IntegerField()
    old_size = serializers.IntegerField()
    new_start = serializers.IntegerField()
    new_size = serializers.IntegerField()
    lines = serializers.ListField(child=serializers.JSONField())


class FileDiffAnswer(Serializer[None]):
    path = serializers.CharField()
    status = serializers.CharField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    hunks = HunkAnswer(many=True)


class DiffAnswer(Serializer[None]):
    level = serializers.CharField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    files = FileDiffAnswer(many=True)


class TimelineAnswer(Serializer[None]):
    event = serializers.CharField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True)
    data = serializers.JSONField()  # type: ignore[assignment]


class AttemptAnswer(Serializer[None]):
    number = serializers.IntegerField()
    state = serializers.CharField()
    requested_by = serializers.CharField(allow_null=True)
    requested_at = serializers.DateTimeField()
    runs = serializers.IntegerField()
    steps = serializers.JSONField()
    gates = GateAnswer(many=True)
    failure_type = serializers.CharField()
    failure_detail = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)


class Changes(ReleaseView):
    @operation(gives=ChangeAnswer, is_list=True)
    def get(self, request: Request, project: str, number: int) -> Response:
        """List what the release changes."""
        return self.listed(release_changes(self.release()), ChangeAnswer)


class Approvals(ReleaseView):
    @operation(gives=ApprovalsAnswer)
    def get(self, request: Request, project: str, number: int) -> Response:
        """Show how far approval has got."""
        tally = progress_of(self.release()).tally
        document = {
            "current": tally.current,
            "required": tally.required,
            "votes": [vote_document(vote) for vote in tally.votes],
        }
        return self.show(document, ApprovalsAnswer)


class Gates(ReleaseView):
    @operation(gives=GateAnswer, is_list=True)
    def get(self, request: Request, project: str, number: int) -> Response:
        """List every gate: how it stands, why, and when that next changes."""
        question = gates.ahead_of(self.release(), self.actor)
        return self.listed(
            [gate.document for gate in gates.evaluate(question)], GateAnswer
        )


class Timeline(ReleaseView):
    @operation(gives=TimelineAnswer, is_list=True)
    def get(self, request: Request, project: str, number: int) -> Response:
        """List everything that happened to the release, newest first."""
        rows = [
            {
                "event": entry.event,
                "at": entry.at,
                "actor": entry.actor.username if entry.actor else None,
                "data": entry.data,
            }
            for entry in reversed(timeline_of(self.release()))
        ]
        return self.listed(rows, TimelineAnswer)


class Attempts(ReleaseView):
    @operation(gives=AttemptAnswer, is_list=True)
    def get(self, request: Request, project: str, number: int) -> Response:
        """List the attempts to deploy, newest first."""
        rows = DeployAttempt.objects.filter(release=self.release())
        found = rows.select_related("requested_by").order_by("-number")
        return self.listed([_attempt(row) for row in found], AttemptAnswer)


class EligibleApprovers(ReleaseView):
    @operation(gives=PersonAnswer, is_list=True)
    def get(self, request: Request, project: str, number: int) -> Response:
        """List who holds the vote here, and who of them may not use it, and why."""
        found = people.approvers_of(self.release())
        return self.listed([person.document for person in found], PersonAnswer)


class Diffs(ReleaseView):
    renderer_classes = DIFF_RENDERERS

    @operation(gives=DiffAnswer, other={(200, UNIFIED): str})
    def get(
        self, request: Request, project: str, number: int, level: str
    ) -> Response | HttpResponse:
        """Show one of the three diffs: as hunks, or as unified text."""
        if level not in set(Level):
            raise NotFound
        files = diffs_of(self.release(), Level(level))
        if isinstance(request.accepted_renderer, UnifiedRenderer):
            return unified_answer(files)
        return self.show(diff_document(level, files), DiffAnswer)


def unified_answer(files: list[FileDiff]) -> HttpResponse:
    """Answer with unified text."""
    text = unified(files)
    response = HttpResponse(text, content_type=f"{UNIFIED}; charset=utf-8")
    response["ETag"] = etags.etag_of(text)
    return response


def diff_document(level: str, files: list[FileDiff]) -> dict[str, Any]:
    """Return a diff as JSON values; a line is ``[sign, old, new, text]``."""
    signs = {"same": " ", "removed": "-", "added": "+"}
    return {
        "level": level,
        "added": sum(file.added for file in files),
        "removed": sum(file.removed for file in files),
        "files": [
            {
                "path": file.path,
                "status": file.status,
                "added": file.added,
                "removed": file.removed,
                "hunks": [
                    {
                        "old_start": hunk.old_start,
                        "old_size": hunk.old_size,
                        "new_start": hunk.new_start,
                        "new_size": hunk.new_size,
                        "lines": [
                            [
                                signs[line.kind],
                                line.old_number,
                                line.new_number,
                                line.text,
                            ]
                            for line in hunk.lines
                        ],
                    }
                    for hunk in file.hunks
                ],
            }
            for file in files
        ],
    }


def _attempt(row: DeployAttempt) -> dict[str, Any]:
    return {
        "number": row.number,
        "state": row.state,
        "requested_by": row.requested_by.username if row.requested_by else None,
        "requested_at": row.requested_at,
        "runs": row.runs,
        "steps": row.steps,
        "gates": row.gates,
        "failure_type": row.failure_type,
        "failure_detail": row.failure_detail,
        "ended_at": row.ended_at,
    }
