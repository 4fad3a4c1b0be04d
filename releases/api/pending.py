"""The pool of a target: what waits for a release, and what a release would be."""

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from delivery import rendering_requests
from delivery.models import Rendering
from environments.models import TenantEnvironment
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import NoBody, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.errors import NotFound
from gitopshq.core.models import TokenScope
from releases import actions, asking, people, previewing, target_gates
from releases.api.answers import (
    ChangeAnswer,
    GateAnswer,
    PersonAnswer,
    RenderingAnswer,
)
from releases.api.bodies import PreviewInput
from releases.api.records import (
    DIFF_RENDERERS,
    UNIFIED,
    DiffAnswer,
    UnifiedRenderer,
    diff_document,
    unified_answer,
)
from releases.api.releases import RENDER_SECONDS
from releases.changes import pending_documents
from releases.check_gates import check_gates
from releases.pending import pool_of
from releases.selectors import Diffs, visible_target
from releases.selectors.content import Level


class ChangeGroup(Serializer[None]):
    type = serializers.CharField()
    changes = ChangeAnswer(many=True)


class PoolAnswer(Serializer[None]):
    count = serializers.IntegerField()
    held = serializers.IntegerField()
    groups = ChangeGroup(many=True)
    eligible_approvers = PersonAnswer(many=True)
    gates = GateAnswer(many=True)


class DiffLinks(Serializer[None]):
    plain = serializers.CharField()
    resolved = serializers.CharField()
    manifest = serializers.CharField()


class PreviewRendering(RenderingAnswer):
    digest = serializers.CharField()


class PreviewAnswer(Serializer[None]):
    """``gates``: what the checks of the rendering found; the others need a release."""

    rendering = PreviewRendering()
    gates = GateAnswer(many=True)
    changes = ChangeAnswer(many=True)
    diffs = DiffLinks()


class TargetView(ApiView):
    """One target, by project, tenant and environment."""

    write_scope = TokenScope.CONFIG_WRITE

    def target(self) -> TenantEnvironment:
        """Return the target of the path, if the caller may view it."""
        return visible_target(
            self.actor,
            project=self.kwargs["project"],
            tenant=self.kwargs["tenant"],
            environment=self.kwargs["environment"],
        )

    def answer(self, target: TenantEnvironment) -> Response:
        """Answer with the pool as it is now."""
        pool = pool_of(target)
        groups: dict[str, list[dict[str, Any]]] = {}
        for document in pending_documents(pool):
            groups.setdefault(document["type"], []).append(document)
        approvers = people.approvers_in(target.environment, {})
        document = {
            "count": pool.count,
            "held": pool.held,
            "groups": [
                {"type": kind, "changes": changes} for kind, changes in groups.items()
            ],
            "eligible_approvers": [person.document for person in approvers],
            "gates": [
                gate.document for gate in target_gates.gates_before(target, self.actor)
            ],
        }
        return self.show(document, PoolAnswer)


class PendingChanges(TargetView):
    @operation(gives=PoolAnswer)
    def get(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """Show what is pending here, by type, and what would stand in its way."""
        return self.answer(self.target())


class Discard(TargetView):
    asks = {"POST": asking.DISCARD}

    @operation(takes=NoBody, gives=PoolAnswer)
    def post(
        self,
        request: Request,
        project: str,
        tenant: str,
        environment: str,
        change: str,
    ) -> Response:
        """Write the deployed value back where the input belongs to the target."""
        target = self.target()
        self.read(NoBody)
        actions.discard_change(target, actor=self.actor, change=change)
        return self.answer(self.target())


class Preview(TargetView):
    asks = {"POST": asking.PREVIEW}
    scopes = {"POST": TokenScope.READ}
    begins_outside = True

    @operation(takes=PreviewInput, gives=PreviewAnswer)
    def post(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """Render what a release of these changes would ship."""
        target = self.target()
        given = self.read(PreviewInput)
        found = previewing.preview(target, change_ids=given.get("change_ids"))
        rendering_requests.wait_for(found.rendering, seconds=RENDER_SECONDS)
        return self.show(preview_document(found, request.path), PreviewAnswer)


def preview_document(found: previewing.Preview, path: str) -> dict[str, Any]:
    """Return a preview as it is now; *path* is where previews of the target are."""
    rendering = Rendering.objects.get(pk=found.rendering.pk)
    here = f"{path}/{found.snapshot.digest}/diffs"
    return {
        "rendering": {
            "state": rendering.state,
            "digest": rendering.digest,
            "tree": rendering.tree or None,
            "errors": rendering.errors,
        },
        "gates": [gate.document for gate in check_gates(rendering)],
        "changes": found.documents,
        "diffs": {level.value: f"{here}/{level.value}" for level in Level},
    }


class PreviewDiffs(TargetView):
    renderer_classes = DIFF_RENDERERS

    @operation(gives=DiffAnswer, other={(200, UNIFIED): str})
    def get(
        self,
        request: Request,
        project: str,
        tenant: str,
        environment: str,
        snapshot: str,
        level: str,
    ) -> Response | HttpResponse:
        """Show one of the three diffs of a preview."""
        if level not in set(Level):
            raise NotFound
        found = previewing.find(self.target(), snapshot)
        diffs = Diffs.of_preview(found.deployed, found.snapshot, found.rendering)
        files = diffs.at(Level(level))
        if isinstance(request.accepted_renderer, UnifiedRenderer):
            return unified_answer(files)
        return self.show(diff_document(level, files), DiffAnswer)
