"""Helm charts over HTTP: shared by the installation, immutable."""

from functools import partial
from typing import Any, Final

from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, selectors
from environments.models import ChartVersion
from environments.packages import PackagedChart, read_package
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.steps import Next
from gitopshq.core.api.views import MIB, ApiView
from gitopshq.core.models import TokenScope

MAX_UPLOAD: Final = 16 * MIB


class ChartSerializer(ModelSerializer[ChartVersion]):
    name = serializers.CharField(source="chart.name")
    digest = serializers.CharField(help_text="SHA-256 of the archive, hex.")
    uploaded_by = serializers.CharField(
        source="uploaded_by.username", default=None, allow_null=True
    )

    class Meta:
        model = ChartVersion
        fields = [
            "name",
            "version",
            "digest",
            "app_version",
            "description",
            "uploaded_by",
            "uploaded_at",
        ]


class ChartInput(Serializer[Any]):
    file = serializers.FileField(max_length=255)
    is_json = False


FORM: Final = {
    "type": "object",
    "properties": {"file": {"type": "string", "format": "binary"}},
    "required": ["file"],
}
"""As it is described: what a file is in an answer, an address, it is not in a form."""


class ChartFilters(Query):
    name = serializers.CharField(required=False, max_length=100)


class ChartList(ApiView):
    asks = {"POST": asking.UPLOAD_CHART}
    write_scope = TokenScope.CONFIG_WRITE
    spans_projects = True
    parser_classes = (MultiPartParser,)
    max_body = MAX_UPLOAD
    begins_outside = True

    @operation(gives=ChartSerializer, is_list=True, filters=ChartFilters)
    def get(self, request: Request) -> Response:
        """List chart versions, the newest upload first."""
        rows = ChartVersion.objects.select_related("chart", "uploaded_by")
        if not selectors.sees_charts(self.actor):
            rows = rows.none()
        if name := self.query(ChartFilters).get("name"):
            rows = rows.filter(chart__name=name)
        return self.page(rows, ChartSerializer)

    @operation(
        takes={"multipart/form-data": FORM},
        gives=ChartSerializer,
        status=201,
        other={200: ChartSerializer},
    )
    def post(self, request: Request) -> Next:
        """Upload a packaged chart; 200 where these very bytes are known already."""
        data = self.read(ChartInput)["file"].read()
        return Next(partial(self._stored, read_package(data)))

    def _stored(self, chart: PackagedChart) -> Response:
        upload = actions.upload_chart(chart, actor=self.actor)
        status = 201 if upload.is_new else 200
        return self.show(upload.version, ChartSerializer, status=status)
