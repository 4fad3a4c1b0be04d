"""Workloads and their bindings to targets, over HTTP."""

from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, selectors
from environments.api.shared import EditQuery, Slug
from environments.locking import lock_project
from environments.models import TenantEnvironment, Workload, WorkloadBinding
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.errors import NotFound
from gitopshq.core.models import TokenScope


class BindingSerializer(ModelSerializer[WorkloadBinding]):
    """A workload in a target; what is null is not overridden there."""

    workload = serializers.CharField(source="workload.name")
    tenant = serializers.CharField(source="target.tenant.slug")
    environment = serializers.CharField(source="target.environment.slug")
    namespace = serializers.SerializerMethodField()
    chart_version = serializers.SerializerMethodField()

    class Meta:
        model = WorkloadBinding
        fields = ["workload", "tenant", "environment", "namespace", "chart_version"]

    def get_namespace(self, binding: WorkloadBinding) -> str | None:
        return binding.namespace or None

    def get_chart_version(self, binding: WorkloadBinding) -> str | None:
        return binding.chart_version.version if binding.chart_version else None


class WorkloadSerializer(ModelSerializer[Workload]):
    """A workload, and the targets one may view that it is bound to."""

    chart = serializers.CharField(source="chart_version.chart.name")
    chart_version = serializers.CharField(source="chart_version.version")
    namespace = serializers.SerializerMethodField()
    archived = serializers.SerializerMethodField()
    targets = serializers.SerializerMethodField()

    class Meta:
        model = Workload
        fields = [
            "name",
            "chart",
            "chart_version",
            "namespace",
            "allow_nondeterministic",
            "archived",
            "targets",
        ]

    def get_namespace(self, workload: Workload) -> str | None:
        return workload.namespace or None

    def get_archived(self, workload: Workload) -> bool:
        return workload.archived_at is not None

    def get_targets(self, workload: Workload) -> list[str]:
        bound: dict[int, list[str]] = self.context["bound"]
        return bound.get(workload.pk, [])


class WorkloadInput(Serializer[None]):
    name = Slug()
    chart = serializers.CharField(max_length=100)
    chart_version = serializers.CharField(max_length=100)
    namespace = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=63
    )
    allow_nondeterministic = serializers.BooleanField(required=False)


class WorkloadPatch(Serializer[None]):
    chart = serializers.CharField(max_length=100)
    chart_version = serializers.CharField(max_length=100)
    namespace = serializers.CharField(allow_blank=True, allow_null=True, max_length=63)
    allow_nondeterministic = serializers.BooleanField()
    archived = serializers.BooleanField()


class WorkloadFilters(Query):
    archived = serializers.BooleanField(
        required=False, help_text="Only those in the archive, or only those not."
    )


class BindingInput(Serializer[None]):
    namespace = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=63
    )
    chart_version = serializers.CharField(
        required=False, allow_null=True, max_length=100
    )


class WorkloadList(ApiView):
    asks = {"POST": asking.CREATE_WORKLOAD}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=WorkloadSerializer, is_list=True, filters=WorkloadFilters)
    def get(self, request: Request, project: str) -> Response:
        """List workloads."""
        home = selectors.visible_project(self.actor, project)
        rows = selectors.visible_workloads(self.actor, home)
        archived = self.query(WorkloadFilters).get("archived")
        if archived is not None:
            rows = rows.filter(archived_at__isnull=not archived)
        bound = selectors.targets_bound(self.actor, home)
        return self.page(rows, WorkloadSerializer, bound=bound)

    @operation(
        takes=WorkloadInput, gives=WorkloadSerializer, status=201, filters=EditQuery
    )
    def post(self, request: Request, project: str) -> Response:
        """Define a workload on a version of a chart."""
        home = selectors.visible_project(self.actor, project)
        given = self.read(WorkloadInput)
        made = actions.create_workload(
            home,
            name=given["name"],
            chart_version=selectors.chart_version(
                given["chart"], given["chart_version"]
            ),
            namespace=given.get("namespace") or "",
            allow_nondeterministic=given.get("allow_nondeterministic", False),
            actor=self.actor,
            message=self.query(EditQuery).get("message", ""),
        )
        return self.show(made, WorkloadSerializer, status=201, bound={})


class WorkloadDetail(ApiView):
    asks = {"PATCH": asking.CHANGE_WORKLOAD}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=WorkloadSerializer)
    def get(self, request: Request, project: str, workload: str) -> Response:
        """Show a workload."""
        return Response(self._shape())

    @operation(takes=WorkloadPatch, gives=WorkloadSerializer, filters=EditQuery)
    def patch(self, request: Request, project: str, workload: str) -> Response:
        """Change or archive a workload."""
        row = self._workload()
        given = self._changes(row)
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.change(row, actor=self.actor, **given)
        return Response(self._shape())

    def _changes(self, row: Workload) -> dict[str, Any]:
        given = self.read(WorkloadPatch, partial=True)
        if {"chart", "chart_version"} & given.keys():
            given["chart_version"] = selectors.chart_version(
                given.pop("chart", row.chart_version.chart.name),
                given.pop("chart_version", row.chart_version.version),
            )
        if "namespace" in given:
            given["namespace"] = given["namespace"] or ""
        message = self.query(EditQuery).get("message", "")
        if message and given.keys() - {"archived"}:
            given["message"] = message
        return given

    def _shape(self) -> object:
        row = self._workload()
        bound = selectors.targets_bound(self.actor, row.project)
        return self.shape(row, WorkloadSerializer, bound=bound)

    def _workload(self) -> Workload:
        return selectors.visible_workload(
            self.actor, self.kwargs["project"], self.kwargs["workload"]
        )


class BindingList(ApiView):
    @operation(gives=BindingSerializer, is_list=True)
    def get(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """List the workloads bound to a target."""
        target = selectors.visible_target(self.actor, project, tenant, environment)
        return self.page(selectors.bindings_of(target), BindingSerializer)


class BindingDetail(ApiView):
    asks = {"PUT": asking.BIND, "DELETE": asking.BIND}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=BindingSerializer)
    def get(
        self,
        request: Request,
        project: str,
        tenant: str,
        environment: str,
        workload: str,
    ) -> Response:
        """Show a workload's binding to a target."""
        return Response(self._shape())

    @operation(
        takes=BindingInput,
        gives=BindingSerializer,
        filters=EditQuery,
        other={201: BindingSerializer},
    )
    def put(
        self,
        request: Request,
        project: str,
        tenant: str,
        environment: str,
        workload: str,
    ) -> Response:
        """Put a workload into a target; what is left out is not overridden."""
        target, row = self._target(), self._workload()
        given = self.read(BindingInput)
        version = given.get("chart_version")
        is_new = not selectors.bindings_of(target).filter(workload=row).exists()
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.bind_workload(
                row,
                to=target,
                namespace=given.get("namespace") or "",
                chart_version=(
                    selectors.chart_version(row.chart_version.chart.name, version)
                    if version
                    else None
                ),
                actor=self.actor,
                message=self.query(EditQuery).get("message", ""),
            )
        return Response(self._shape(), status=201 if is_new else 200)

    @operation(status=204, filters=EditQuery)
    def delete(
        self,
        request: Request,
        project: str,
        tenant: str,
        environment: str,
        workload: str,
    ) -> Response:
        """Take a workload out of a target; its values layers stay."""
        target, row = self._target(), self._workload()
        message = self.query(EditQuery).get("message", "")
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.unbind_workload(
                row, from_=target, actor=self.actor, message=message
            )
        return self.nothing()

    def _shape(self) -> object:
        rows = selectors.bindings_of(self._target())
        found = rows.filter(workload__name=self.kwargs["workload"]).first()
        if found is None:
            raise NotFound
        return self.shape(found, BindingSerializer)

    def _target(self) -> TenantEnvironment:
        place = {key: self.kwargs[key] for key in ("project", "tenant", "environment")}
        return selectors.visible_target(self.actor, **place)

    def _workload(self) -> Workload:
        return selectors.visible_workload(
            self.actor, self.kwargs["project"], self.kwargs["workload"]
        )
