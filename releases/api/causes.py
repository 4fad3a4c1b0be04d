"""What causes each changed manifest line of a release."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core import leases
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from releases.api.releases import RENDER_SECONDS, ReleaseView
from releases.cause_requests import request_causes
from releases.models import CauseSearch
from releases.selectors import diffs_of
from releases.selectors.causes import Cause, Causes, Unexplained, Why
from releases.selectors.content import Level


def _pairs() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="First and last line of each stretch, counted from 1.",
    )


class UseAnswer(Serializer[None]):
    file = serializers.CharField()
    line = serializers.IntegerField()


class CauseAnswer(Serializer[None]):
    """A change by its id.

    ``role``: ``cause`` (without it the lines are others), ``enough`` (it suffices
    alone, and so does another), ``together`` (with the others named so) or ``needed``
    (by one of the causes). ``usedIn`` is where a variable is named.
    """

    change = serializers.CharField()
    role = serializers.CharField()
    old_lines = _pairs()
    new_lines = _pairs()
    used_in = UseAnswer(many=True)


class NobodyAnswer(Serializer[None]):
    """Lines that no change explains; ``reason`` is a word for programs."""

    reason = serializers.CharField()
    detail = serializers.CharField()
    old_lines = _pairs()
    new_lines = _pairs()


class CausedHunkAnswer(Serializer[None]):
    old_start = serializers.IntegerField()
    old_size = serializers.IntegerField()
    new_start = serializers.IntegerField()
    new_size = serializers.IntegerField()
    causes = CauseAnswer(many=True)
    nobody = NobodyAnswer(many=True)


class CausedFileAnswer(Serializer[None]):
    path = serializers.CharField()
    hunks = CausedHunkAnswer(many=True)


class CausingChangeAnswer(Serializer[None]):
    id = serializers.CharField()
    type = serializers.CharField()
    object = serializers.CharField()
    summary = serializers.CharField()
    changed_by = serializers.CharField(allow_null=True)
    changed_at = serializers.DateTimeField(allow_null=True)


class CausesAnswer(Serializer[None]):
    """``state``: ``pending``, ``ready`` or ``failed``; hunks are those of the diff."""

    state = serializers.CharField()
    error = serializers.CharField(allow_null=True)
    files = CausedFileAnswer(many=True)
    changes = CausingChangeAnswer(many=True)


class CausesOfRelease(ReleaseView):
    @operation(gives=CausesAnswer)
    def get(self, request: Request, project: str, number: int) -> Response:
        """Tell which changes cause each hunk of the manifest diff.

        Worked out on demand, for releases of up to 30 changes: ask again while the
        state is ``pending``.
        """
        release = self.release()
        search = request_causes(release)
        rows = CauseSearch.objects.all()
        search = leases.wait_for(rows, search.pk, seconds=RENDER_SECONDS)
        found = Causes.read(release, search)
        document = {
            "state": search.state,
            "error": search.error or None,
            "files": _files(found) if found else [],
            "changes": list(found.changes.values()) if found else [],
        }
        return self.show(document, CausesAnswer)


def _files(found: Causes) -> list[dict[str, Any]]:
    return [
        {
            "path": file.path,
            "hunks": [
                {
                    "old_start": hunk.old_start,
                    "old_size": hunk.old_size,
                    "new_start": hunk.new_start,
                    "new_size": hunk.new_size,
                    **_why(found.of(file.path, hunk.lines)),
                }
                for hunk in file.hunks
            ],
        }
        for file in diffs_of(found.release, Level.MANIFEST)
    ]


def _why(why: Why) -> dict[str, Any]:
    return {
        "causes": [
            {
                "change": cause.change["id"],
                "role": cause.role,
                **_lines(cause),
                "used_in": list(cause.uses),
            }
            for cause in why.causes
        ],
        "nobody": [
            {"reason": one.reason, "detail": one.detail, **_lines(one)}
            for one in why.unexplained
        ],
    }


def _lines(one: Cause | Unexplained) -> dict[str, Any]:
    return {
        "old_lines": [list(pair) for pair in one.removed],
        "new_lines": [list(pair) for pair in one.added],
    }
