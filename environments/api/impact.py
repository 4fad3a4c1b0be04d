"""What an edit would move, over HTTP: asked before it is made."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import access, asking, capture, proposing, selectors
from environments.api.variables import VariableInput, place_named
from environments.models import Variable
from environments.permissions import Permission
from environments.selectors.impact import Reached
from environments.selectors.references import references_in
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from gitopshq.core.api.views import MIB, ApiView
from gitopshq.core.models import TokenScope


class _ReachedSerializer(Serializer[Reached]):
    tenant = serializers.CharField(source="target.tenant.slug")
    environment = serializers.CharField(source="target.environment.slug")


class ReachedSerializer(_ReachedSerializer):
    """A target whose rendering would change, and the services and bindings in it."""

    services = serializers.ListField(child=serializers.CharField())


class ShadowedSerializer(_ReachedSerializer):
    """A target where narrower scopes stand before the edited one."""

    services = serializers.ListField(child=serializers.CharField(), source="shadowed")
    by = serializers.ListField(child=serializers.CharField())


class TextOnlySerializer(_ReachedSerializer):
    """A target where texts would change, and what is rendered would not."""

    services = serializers.ListField(child=serializers.CharField(), source="text_only")


class ImpactSerializer(Serializer[Any]):
    """The targets that would render differently, and those that would not.

    ``problems`` are places that could not be rendered any more, and why.
    """

    items = ReachedSerializer(many=True, source="rendering")
    next = serializers.CharField(default=None, allow_null=True)
    shadowed = ShadowedSerializer(many=True)
    text_only = TextOnlySerializer(many=True)
    problems = serializers.ListField(child=serializers.CharField())


class VariableImpact(ApiView):
    asks = {"POST": asking.SET_VARIABLE}
    scopes = {"POST": TokenScope.READ}
    begins_outside = True
    max_body = 2 * MIB

    @operation(takes=VariableInput, gives=ImpactSerializer)
    def post(self, request: Request, project: str) -> Response:
        """Say which targets and services would render differently.

        The body is that of the PUT: what is not given stays. A ``value`` of null asks
        about the deletion.
        """
        home = selectors.visible_project(self.actor, project)
        given = self.read(VariableInput)
        place = place_named(self.actor, home, given)
        # Whoever may not write must not learn by guessing whether a secret differs.
        access.require(self.actor, Permission.MANAGE_VARIABLES, on=place.reach)
        key = given["key"]
        saved = Variable.objects.filter(key=key, **place.fields).first()
        row = None
        if given.get("value", "") is not None:
            row = proposing.proposed(
                saved or Variable(key=key, **place.fields),
                value=given.get("value"),
                secret=given.get("secret"),
            )
        reach = selectors.in_reach(
            selectors.visible_targets(self.actor, home).order_by(
                "tenant__slug", "environment__rank", "pk"
            ),
            environment=place.environment,
            tenant=place.tenant,
            target=place.target,
        )
        service = given.get("service") or ""
        impact = selectors.impact_of_variable(
            reach,
            place=(place.scope.value, key, service),
            row=row,
            uses=references_in(reach, key=key),
            variables=capture.variables_reaching(reach),
        )
        return self.show(impact, ImpactSerializer)
