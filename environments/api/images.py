"""Bumping an image over HTTP: what a build pipeline calls."""

from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, ports, selectors
from environments.actions.images import DEFAULT_PATH
from environments.api.shared import EditQuery, Slug
from environments.models import Environment, Tenant, Workload
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from gitopshq.core.api.steps import Next
from gitopshq.core.api.views import ApiView
from gitopshq.core.models import TokenScope


class ImageInput(Serializer[None]):
    """Which image, and the layer: neither tenant nor environment is the base."""

    service = Slug()
    tag = serializers.CharField(required=False, max_length=128)
    digest = serializers.CharField(required=False, max_length=160)
    repository = serializers.CharField(required=False, max_length=255)
    path = serializers.CharField(
        required=False,
        max_length=1000,
        trim_whitespace=False,
        help_text="JSON Pointer of the image map; `/image` by itself.",
    )
    tenant = Slug(required=False, allow_null=True)
    environment = Slug(required=False, allow_null=True)
    create_release = serializers.BooleanField(
        required=False, help_text="Release just this in every target it reaches."
    )


class ImageSerializer(Serializer[Any]):
    """The image in that layer before and after."""

    service = serializers.CharField()
    path = serializers.CharField()
    file = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField()
    releases = serializers.ListField(
        child=serializers.CharField(), help_text="The names of those made: `R-7`."
    )


class Images(ApiView):
    asks = {"POST": asking.BUMP_IMAGE}
    write_scope = TokenScope.IMAGES_WRITE

    @operation(takes=ImageInput, gives=ImageSerializer, filters=EditQuery)
    def post(self, request: Request, project: str) -> Response | Next:
        """Write a tag or digest into a values layer; release it, if asked to."""
        selectors.visible_project(self.actor, project)
        given = self.read(ImageInput)
        row = self._workload(given)
        tenant, environment = self._layer(given)
        bump = actions.bump_image(
            row,
            image=actions.ImageReference(
                tag=given.get("tag"),
                digest=given.get("digest"),
                repository=given.get("repository"),
            ),
            path=given.get("path", DEFAULT_PATH),
            tenant=tenant,
            environment=environment,
            actor=self.actor,
            message=self.query(EditQuery).get("message", ""),
        )
        if not given.get("create_release"):
            return self._answer(bump)
        # The bump stays where a release is refused: it is pending, then.
        return Next(partial(self._released, row, bump))

    def _released(self, row: Workload, bump: actions.ImageBump) -> Response:
        return self._answer(bump, *ports.releaser.answer(row, bump, actor=self.actor))

    def _answer(self, bump: actions.ImageBump, *releases: str) -> Response:
        layer = bump.layer
        answer = {
            "service": layer.workload.name,
            "path": bump.path,
            "file": selectors.values_path(
                layer.workload, layer.tenant, layer.environment
            ),
            "before": bump.before,
            "after": bump.after,
            "releases": releases,
        }
        return self.show(answer, ImageSerializer)

    def _workload(self, given: dict[str, Any]) -> Workload:
        project = self.kwargs["project"]
        return selectors.visible_workload(self.actor, project, given["service"])

    def _layer(self, given: dict[str, Any]) -> tuple[Tenant | None, Environment | None]:
        project = self.kwargs["project"]
        tenant, environment = given.get("tenant"), given.get("environment")
        if tenant and environment:
            target = selectors.visible_target(self.actor, project, tenant, environment)
            return target.tenant, target.environment
        return (
            selectors.visible_tenant(self.actor, project, tenant) if tenant else None,
            selectors.visible_environment(self.actor, project, environment)
            if environment
            else None,
        )
