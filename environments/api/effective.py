"""Which value a variable has in a target, and why, over HTTP."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import selectors
from environments.api.shared import Slug
from environments.desired.resolving import mask_of
from environments.models import TenantEnvironment
from environments.selectors.variables import SetVariable
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Query, Serializer
from gitopshq.core.api.views import ApiView


class EffectiveSerializer(Serializer[SetVariable]):
    """One row that reaches the target; of a secret, ``value`` is null."""

    key = serializers.CharField(source="row.key")
    value = serializers.CharField(source="row.value", allow_null=True)
    secret = serializers.BooleanField(source="row.secret")
    masked = serializers.SerializerMethodField()
    scope = serializers.CharField(source="row.scope")
    service = serializers.CharField(source="row.service", allow_null=True)
    set_by = serializers.SerializerMethodField()
    set_at = serializers.SerializerMethodField()

    def get_masked(self, found: SetVariable) -> str | None:
        return mask_of(found.row.fingerprint) if found.row.fingerprint else None

    def get_set_by(self, found: SetVariable) -> str | None:
        actor = found.edit.actor if found.edit else None
        return actor.username if actor else None

    def get_set_at(self, found: SetVariable) -> str | None:
        at = found.edit.at if found.edit else None
        return serializers.DateTimeField().to_representation(at) if at else None


class ExplanationSerializer(Serializer[Any]):
    """The winner, what it beat, and the scopes where the key is not set."""

    key = serializers.CharField()
    service = serializers.CharField(allow_null=True)
    winner = EffectiveSerializer(allow_null=True)
    beaten = EffectiveSerializer(many=True)
    unset_scopes = serializers.ListField(child=serializers.CharField())
    scopes_looked_at = serializers.ListField(child=serializers.CharField())


class ServiceQuery(Query):
    service = Slug(required=False, help_text="A workload, whose own scope counts.")


class EffectiveList(ApiView):
    @operation(gives=EffectiveSerializer, is_list=True, filters=ServiceQuery)
    def get(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """List the value that each key has in a target."""
        target, service = _asked(self)
        found = selectors.effective_in(target, service=service)
        return self.listed(found, EffectiveSerializer)


class EffectiveDetail(ApiView):
    @operation(gives=ExplanationSerializer, filters=ServiceQuery)
    def get(
        self, request: Request, project: str, tenant: str, environment: str, key: str
    ) -> Response:
        """Explain the value that a key has in a target."""
        target, service = _asked(self)
        found = selectors.explained_in(target, key, service=service)
        return self.show(found, ExplanationSerializer)


def _asked(view: ApiView) -> tuple[TenantEnvironment, str | None]:
    place = {key: view.kwargs[key] for key in ("project", "tenant", "environment")}
    target = selectors.visible_target(view.actor, **place)
    service = view.query(ServiceQuery).get("service")
    if service is not None:
        selectors.visible_workload(view.actor, view.kwargs["project"], service)
    return target, service
