"""When a release can ship, and why not before."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Serializer
from releases.api.answers import PlannedWindow
from releases.api.releases import ReleaseView
from releases.gates import ahead_of
from releases.selectors.shipping import shipping_of


class TimedGateAnswer(Serializer[None]):
    """A gate with its rule, how it stands, why, and when that next changes."""

    name = serializers.CharField()
    title = serializers.CharField()
    rule = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    evidence = serializers.JSONField()
    next_change = serializers.DateTimeField(allow_null=True)
    code = serializers.CharField(allow_null=True)


class WaitAnswer(Serializer[None]):
    """What must happen first: an action, by how many of whom (user names)."""

    gate = serializers.CharField()
    action = serializers.CharField()
    detail = serializers.CharField()
    count = serializers.IntegerField()
    who = serializers.ListField(child=serializers.CharField())


class EarliestDeployAnswer(Serializer[None]):
    """When it can ship if nobody does anything more, and what people must do."""

    at = serializers.DateTimeField(allow_null=True)
    now = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(allow_null=True)
    at_with_people = serializers.DateTimeField(allow_null=True)
    deploys_itself = serializers.BooleanField()
    deployers = serializers.ListField(child=serializers.CharField())
    planned_window = PlannedWindow(allow_null=True)
    gates = TimedGateAnswer(many=True)
    waits_for = WaitAnswer(many=True)


class EarliestDeploy(ReleaseView):
    @operation(gives=EarliestDeployAnswer)
    def get(self, request: Request, project: str, number: int) -> Response:
        """Tell when the release can ship, and why not before."""
        shipping = shipping_of(ahead_of(self.release(), self.actor))
        return self.show(shipping.document, EarliestDeployAnswer)
