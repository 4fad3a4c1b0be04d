"""Tenants and environments over HTTP."""

from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, selectors
from environments.api.policy import PolicyFields, PolicyInput
from environments.api.shared import SLUG_LENGTH, FreezeSerializer, Slug
from environments.checks import MAX_TAGS
from environments.freezing import FreezeVerdict
from environments.locking import lock_project
from environments.models import Environment, Tenant
from environments.policies import PolicyTerms
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.models import TokenScope

MAX_RANK = 32_767
MOST_WORDS = 100
"""Of a list of tags as it is sent, where one may stand twice."""


class Tags(serializers.ListField):
    """Tags of a tenant; what is a tag, and how many may be, is the action's to say."""

    def __init__(self, **kwargs: Any) -> None:
        word = serializers.CharField(max_length=SLUG_LENGTH, allow_blank=True)
        said = f"Words like slugs, at most {MAX_TAGS}; answered sorted, each once."
        super().__init__(child=word, max_length=MOST_WORDS, help_text=said, **kwargs)


class TenantSerializer(ModelSerializer[Tenant]):
    tags = serializers.ListField(child=serializers.CharField())
    archived = serializers.SerializerMethodField()

    class Meta:
        model = Tenant
        fields = ["slug", "name", "tags", "archived"]

    def get_archived(self, tenant: Tenant) -> bool:
        return tenant.archived_at is not None


class TenantInput(Serializer[None]):
    slug = Slug()
    name = serializers.CharField(max_length=100)
    tags = Tags(required=False)


class TenantPatch(Serializer[None]):
    name = serializers.CharField(max_length=100)
    tags = Tags()
    archived = serializers.BooleanField()


class PlaceFilters(Query):
    archived = serializers.BooleanField(
        required=False, help_text="Only those in the archive, or only those not."
    )


class EnvironmentSerializer(ModelSerializer[Environment]):
    """An environment, its policy, and whether it is frozen as a whole."""

    policy = serializers.SerializerMethodField()
    archived = serializers.SerializerMethodField()
    frozen = serializers.SerializerMethodField()
    freeze = serializers.SerializerMethodField()

    class Meta:
        model = Environment
        fields = [
            "slug",
            "name",
            "rank",
            "colour",
            "policy",
            "archived",
            "frozen",
            "freeze",
        ]

    def get_policy(self, environment: Environment) -> PolicyFields:
        terms = PolicyTerms.of(getattr(environment, "policy", None))
        return PolicyFields(terms).data  # type: ignore[return-value]

    def get_archived(self, environment: Environment) -> bool:
        return environment.archived_at is not None

    def get_frozen(self, environment: Environment) -> bool:
        return self._verdict(environment).is_frozen

    def get_freeze(self, environment: Environment) -> FreezeSerializer:
        return FreezeSerializer(self._verdict(environment)).data  # type: ignore[return-value]

    def _verdict(self, environment: Environment) -> FreezeVerdict:
        known: dict[int, FreezeVerdict] = self.context["freezes"]
        return known[environment.pk]


class EnvironmentInput(Serializer[None]):
    slug = Slug()
    name = serializers.CharField(max_length=100)
    rank = serializers.IntegerField(required=False, min_value=0, max_value=MAX_RANK)
    colour = serializers.CharField(required=False, allow_blank=True, max_length=20)
    policy = PolicyInput(required=False)


class EnvironmentPatch(Serializer[None]):
    name = serializers.CharField(max_length=100)
    rank = serializers.IntegerField(min_value=0, max_value=MAX_RANK)
    colour = serializers.CharField(allow_blank=True, max_length=20)
    archived = serializers.BooleanField()


class TenantList(ApiView):
    asks = {"POST": asking.CHANGE_TENANT}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=TenantSerializer, is_list=True, filters=PlaceFilters)
    def get(self, request: Request, project: str) -> Response:
        """List tenants."""
        home = selectors.visible_project(self.actor, project)
        rows = selectors.visible_tenants(self.actor, home)
        archived = self.query(PlaceFilters).get("archived")
        if archived is not None:
            rows = rows.filter(archived_at__isnull=not archived)
        return self.page(rows, TenantSerializer)

    @operation(takes=TenantInput, gives=TenantSerializer, status=201)
    def post(self, request: Request, project: str) -> Response:
        """Create a tenant."""
        home = selectors.visible_project(self.actor, project)
        given = self.read(TenantInput)
        tenant = actions.create_tenant(home, actor=self.actor, **given)
        return self.show(tenant, TenantSerializer, status=201)


class TenantDetail(ApiView):
    asks = {"PATCH": asking.CHANGE_TENANT}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=TenantSerializer)
    def get(self, request: Request, project: str, tenant: str) -> Response:
        """Show a tenant."""
        return Response(self._shape())

    @operation(takes=TenantPatch, gives=TenantSerializer)
    def patch(self, request: Request, project: str, tenant: str) -> Response:
        """Rename, tag or archive a tenant; ``tags`` replace all it has."""
        row = self._tenant()
        given = self.read(TenantPatch, partial=True)
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.change(row, actor=self.actor, **given)
        return Response(self._shape())

    def _shape(self) -> object:
        return self.shape(self._tenant(), TenantSerializer)

    def _tenant(self) -> Tenant:
        return selectors.visible_tenant(
            self.actor, self.kwargs["project"], self.kwargs["tenant"]
        )


class EnvironmentList(ApiView):
    asks = {"POST": asking.CHANGE_STAGE}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=EnvironmentSerializer, is_list=True, filters=PlaceFilters)
    def get(self, request: Request, project: str) -> Response:
        """List environments."""
        home = selectors.visible_project(self.actor, project)
        rows = selectors.visible_environments(self.actor, home)
        archived = self.query(PlaceFilters).get("archived")
        if archived is not None:
            rows = rows.filter(archived_at__isnull=not archived)
        freezes = selectors.freezes_of_environments(list(rows))
        return self.page(
            rows.select_related("policy"),
            EnvironmentSerializer,
            freezes=freezes,
        )

    @operation(takes=EnvironmentInput, gives=EnvironmentSerializer, status=201)
    def post(self, request: Request, project: str) -> Response:
        """Create an environment with its policy."""
        home = selectors.visible_project(self.actor, project)
        given = self.read(EnvironmentInput)
        made = actions.create_environment(home, actor=self.actor, **given)
        return Response(_shaped(self, made), status=201)


class EnvironmentDetail(ApiView):
    asks = {"PATCH": asking.CHANGE_STAGE}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=EnvironmentSerializer)
    def get(self, request: Request, project: str, environment: str) -> Response:
        """Show an environment."""
        return Response(self._shape())

    @operation(takes=EnvironmentPatch, gives=EnvironmentSerializer)
    def patch(self, request: Request, project: str, environment: str) -> Response:
        """Change or archive an environment."""
        row = self._environment()
        given = self.read(EnvironmentPatch, partial=True)
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.change(row, actor=self.actor, **given)
        return Response(self._shape())

    def _shape(self) -> object:
        return _shaped(self, self._environment())

    def _environment(self) -> Environment:
        return selectors.visible_environment(
            self.actor, self.kwargs["project"], self.kwargs["environment"]
        )


def _shaped(view: ApiView, environment: Environment) -> Any:
    freezes = selectors.freezes_of_environments([environment])
    return view.shape(environment, EnvironmentSerializer, freezes=freezes)
