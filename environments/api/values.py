"""Values layers over HTTP, as the YAML texts they are."""

from collections.abc import Mapping
from functools import partial
from typing import IO, Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, selectors
from environments.api.shared import EditQuery, Slug
from environments.desired.texts import text_digest
from environments.locking import lock_project
from environments.models import Environment, Tenant, Workload
from environments.sourcing import layer_name
from gitopshq.core.api import etags
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Query, Serializer
from gitopshq.core.api.views import MIB, ApiView
from gitopshq.core.models import TokenScope

Chosen = tuple[Tenant | None, Environment | None]


class YamlParser(BaseParser):
    """Hands on the bytes of a YAML text; what they mean is the domain's business."""

    media_type = "text/yaml"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return stream.read()


class YamlAlias(YamlParser):
    media_type = "application/yaml"


class OldYamlAlias(YamlParser):
    media_type = "application/x-yaml"


class YamlRenderer(JSONRenderer):
    """Lets a client ask for YAML; the view writes it."""

    media_type = "text/yaml"
    charset = "utf-8"


class LayerQuery(Query):
    tenant = Slug(required=False)
    environment = Slug(required=False)


class LayerEditQuery(EditQuery):
    tenant = Slug(required=False)
    environment = Slug(required=False)


class LayerSerializer(Serializer[Any]):
    """A values layer that was saved."""

    workload = serializers.CharField()
    layer = serializers.CharField(help_text="base, environment, tenant or target")
    tenant = serializers.CharField(allow_null=True)
    environment = serializers.CharField(allow_null=True)
    file = serializers.CharField(help_text="Its path in the branch `source`.")
    digest = serializers.CharField(help_text="SHA-256 of the text, hex.")


class Values(ApiView):
    asks = {"PUT": asking.SET_VALUES}
    write_scope = TokenScope.CONFIG_WRITE
    parser_classes = (YamlParser, YamlAlias, OldYamlAlias)
    max_body = 6 * MIB

    def get_renderers(self) -> list[BaseRenderer]:
        """Answer reading in YAML, also to whoever accepts nothing else."""
        usual = super().get_renderers()
        is_reading = self.request.method in {"GET", "HEAD"}
        return [*usual, YamlRenderer()] if is_reading else usual

    @operation(filters=LayerQuery, other={(200, "text/yaml"): str})
    def get(self, request: Request, project: str, workload: str) -> HttpResponse:
        """Read one values layer; an empty text where there is none."""
        chosen = self._chosen(self.query(LayerQuery))
        text = selectors.values_text(self._workload(), *chosen)
        return HttpResponse(
            text,
            content_type="text/yaml; charset=utf-8",
            headers={"ETag": etags.etag_of(text)},
        )

    @operation(takes={"text/yaml": str}, gives=LayerSerializer, filters=LayerEditQuery)
    def put(self, request: Request, project: str, workload: str) -> Response:
        """Save one values layer; an empty text takes it away."""
        given = self.query(LayerEditQuery)
        row, (tenant, environment) = self._workload(), self._chosen(given)
        # Without a body no parser is asked, and what comes is an empty form.
        body: Any = request.data or b""
        with self.unchanged(
            partial(selectors.values_text, row, tenant, environment),
            lock=partial(lock_project, row.project),
        ):
            layer = actions.set_values(
                row,
                text=body,
                tenant=tenant,
                environment=environment,
                actor=self.actor,
                message=given.get("message", ""),
            )
        saved = {
            "workload": row.name,
            "layer": layer_name(
                tenant=given.get("tenant"), environment=given.get("environment")
            ),
            "tenant": given.get("tenant"),
            "environment": given.get("environment"),
            "file": selectors.values_path(row, tenant, environment),
            "digest": text_digest(layer.text.body),
        }
        response = self.show(saved, LayerSerializer)
        # The tag of what GET shows, so that the next If-Match can name it.
        response["ETag"] = etags.etag_of(layer.text.body)
        return response

    def _chosen(self, given: Mapping[str, str]) -> Chosen:
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

    def _workload(self) -> Workload:
        return selectors.visible_workload(
            self.actor, self.kwargs["project"], self.kwargs["workload"]
        )
