"""Comparing two targets, or two releases, over HTTP."""

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Query, Serializer
from gitopshq.core.api.views import ApiView
from releases.api.records import (
    DIFF_RENDERERS,
    UNIFIED,
    DiffAnswer,
    UnifiedRenderer,
    diff_document,
    unified_answer,
)
from releases.selectors.comparing import Comparison, Side, comparison
from releases.selectors.content import Level

_SPEC = "A release (`R-42`), or a target (`acme/prod`) for what runs there."


class CompareQuery(Query):
    level = serializers.ChoiceField(
        choices=[(level.value, level.value) for level in Level],
        required=False,
        help_text="Which diff alone; text is always of one, manifest unless said.",
    )

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg]
        """Add ``from`` and ``to``: the first is a word of Python."""
        sides = {
            name: serializers.CharField(max_length=100, help_text=_SPEC)
            for name in ("from", "to")
        }
        return {**sides, **super().get_fields()}


class SideAnswer(Serializer[None]):
    spec = serializers.CharField()
    tenant = serializers.CharField()
    environment = serializers.CharField()
    release = serializers.CharField()


class CompareAnswer(Serializer[None]):
    before = SideAnswer()
    after = SideAnswer()
    diffs = DiffAnswer(many=True)


class Compare(ApiView):
    renderer_classes = DIFF_RENDERERS

    @operation(gives=CompareAnswer, filters=CompareQuery, other={(200, UNIFIED): str})
    def get(self, request: Request, project: str) -> Response | HttpResponse:
        """Show the three diffs between two targets, or releases."""
        asked = self.query(CompareQuery)
        found = comparison(
            self.actor, project=project, before=asked["from"], after=asked["to"]
        )
        if isinstance(request.accepted_renderer, UnifiedRenderer):
            return unified_answer(found.diffs(Level(asked.get("level", "manifest"))))
        levels = [Level(asked["level"])] if "level" in asked else list(Level)
        return self.show(_document(found, levels), CompareAnswer)


def _document(found: Comparison, levels: list[Level]) -> dict[str, object]:
    return {
        "before": _side(found.before),
        "after": _side(found.after),
        "diffs": [diff_document(level, found.diffs(level)) for level in levels],
    }


def _side(side: Side) -> dict[str, str]:
    target = side.release.target
    return {
        "spec": side.spec,
        "tenant": target.tenant.slug,
        "environment": target.environment.slug,
        "release": side.release.name,
    }
