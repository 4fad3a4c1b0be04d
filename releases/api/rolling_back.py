"""Going back to a release: what it would ship, and the release that does it."""

from dataclasses import replace
from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import rendering_requests
from environments.desired.reverting import Field
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from gitopshq.core.api.steps import Waiting
from gitopshq.core.models import TokenScope
from releases import actions, asking, previewing
from releases.api.answers import ReleaseAnswer
from releases.api.bodies import NOTES
from releases.api.pending import PreviewAnswer, preview_document
from releases.api.releases import RENDER_SECONDS, ReleaseView, once_rendered
from releases.models import RollbackScope
from releases.rollbacks import Reversal
from releases.selectors.rollback_page import rollback_page

MOST_PARTS = 500


class RollbackField(Serializer[None]):
    """A place in a file of ``source``; the empty path is all of the file.

    With ``overwrite`` it goes back even where it was changed more than once since.
    """

    file = serializers.CharField(max_length=500)
    path = serializers.CharField(
        max_length=2000, allow_blank=True, trim_whitespace=False, default=""
    )
    overwrite = serializers.BooleanField(default=False)


class RollbackPlanInput(Serializer[None]):
    scope = serializers.ChoiceField(choices=RollbackScope.choices)
    services = serializers.ListField(
        child=serializers.CharField(max_length=63),
        required=False,
        max_length=MOST_PARTS,
    )
    fields = RollbackField(many=True, required=False)  # type: ignore[assignment]


class RollbackInput(RollbackPlanInput):
    title = serializers.CharField(max_length=200, required=False, allow_blank=True)
    notes = serializers.CharField(
        max_length=NOTES, allow_blank=True, trim_whitespace=False, required=False
    )


class RollbackPreviewAnswer(PreviewAnswer):
    """``warnings``: what does not simply go back, and variables changed since."""

    warnings = serializers.ListField(child=serializers.CharField())


class Rollback(ReleaseView):
    asks = {"POST": asking.ROLL_BACK}

    @operation(takes=RollbackInput, gives=ReleaseAnswer, status=201)
    def post(self, request: Request, project: str, number: int) -> Waiting:
        """Create a release that goes back to this one."""
        to = self.release()
        given = self.read(RollbackInput)
        words = {name: given.pop(name, "") for name in ("title", "notes")}
        made = actions.roll_back_release(
            to, actor=self.actor, reversal=_reversal(given), **words
        )
        return once_rendered(partial(self.answer, made, status=201), made)


class RollbackPreview(ReleaseView):
    asks = {"POST": asking.SEE_ROLLBACK}
    scopes = {"POST": TokenScope.READ}
    begins_outside = True

    @operation(takes=RollbackPlanInput, gives=RollbackPreviewAnswer)
    def post(self, request: Request, project: str, number: int) -> Response:
        """Render what going back to this release would ship."""
        to = self.release()
        reversal = _reversal(self.read(RollbackPlanInput))
        found = previewing.preview_rollback(to, reversal)
        found = replace(
            found,
            rendering=rendering_requests.wait_for(
                found.rendering, seconds=RENDER_SECONDS
            ),
        )
        target = to.target
        here = (
            f"/api/v1/projects/{project}/targets/{target.tenant.slug}"
            f"/{target.environment.slug}/preview"
        )
        document = preview_document(found, here)
        document["warnings"] = rollback_page(to).warnings(found)
        return self.show(document, RollbackPreviewAnswer)


def _reversal(given: dict[str, Any]) -> Reversal:
    return Reversal(
        RollbackScope(given["scope"]),
        services=tuple(dict.fromkeys(given.get("services", []))),
        fields=tuple(Field(**field) for field in given.get("fields", [])),
    )
