"""Policy, freeze and freeze windows over HTTP: each change of a gate is recorded."""

from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, policies, selectors
from environments.api.shared import (
    REASON_LENGTH,
    EditQuery,
    FreezeSerializer,
    Slug,
)
from environments.freezing import FreezeVerdict
from environments.locking import lock_project
from environments.models import DeployMode, Environment, FreezeWindow
from environments.policies import MAX_APPROVALS, MAX_HOURS, PolicyTerms
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.errors import NotFound
from gitopshq.core.models import TokenScope


class PolicyInput(Serializer[None]):
    required_approvals = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_APPROVALS
    )
    block_self_approval = serializers.BooleanField(required=False)
    approval_expiry_hours = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_HOURS
    )
    auto_approve = serializers.BooleanField(required=False)
    block_self_deploy = serializers.BooleanField(required=False)
    deploy_mode = serializers.ChoiceField(DeployMode.values, required=False)


class PolicyFields(Serializer[PolicyTerms]):
    """What a release needs."""

    required_approvals = serializers.IntegerField()
    block_self_approval = serializers.BooleanField()
    approval_expiry_hours = serializers.IntegerField(allow_null=True)
    auto_approve = serializers.BooleanField()
    block_self_deploy = serializers.BooleanField()
    deploy_mode = serializers.CharField()


class PolicySerializer(PolicyFields):
    """The policy as it is set now; ``warnings`` say what makes it hard to meet."""

    warnings = serializers.SerializerMethodField()

    def get_warnings(self, terms: PolicyTerms) -> list[str]:
        environment: Environment = self.context["environment"]
        return list(selectors.warnings_about(terms, environment))


class FreezeInput(Serializer[None]):
    # Whether a reason is missing is decided by the action: 400 reason_required.
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=REASON_LENGTH
    )
    until = serializers.DateTimeField(required=False, allow_null=True)


class FreezeAnswer(FreezeSerializer):
    environment = serializers.SerializerMethodField()
    allowed_actions = serializers.SerializerMethodField()

    def get_environment(self, verdict: FreezeVerdict) -> str:
        return str(self.context["environment"].slug)

    def get_allowed_actions(self, verdict: FreezeVerdict) -> list[dict[str, Any]]:
        set_by_hand = self.context["environment"].frozen_at is not None
        reason = None if set_by_hand else "it is not frozen by hand"
        return [
            {"action": "freeze", "allowed": True, "reason": None},
            {"action": "unfreeze", "allowed": set_by_hand, "reason": reason},
        ]


class WindowSerializer(ModelSerializer[FreezeWindow]):
    environment = serializers.CharField(
        source="environment.slug", default=None, allow_null=True
    )
    tenant = serializers.CharField(source="tenant.slug", default=None, allow_null=True)
    created_by = serializers.CharField(source="created_by.username")

    class Meta:
        model = FreezeWindow
        fields = [
            "id",
            "environment",
            "tenant",
            "starts_at",
            "ends_at",
            "rrule",
            "time_zone",
            "reason",
            "created_by",
            "created_at",
            "ended_at",
        ]


class WindowInput(Serializer[None]):
    environment = Slug(required=False, allow_null=True)
    tenant = Slug(required=False, allow_null=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    rrule = serializers.CharField(
        required=False, allow_blank=True, max_length=REASON_LENGTH
    )
    time_zone = serializers.CharField(required=False, max_length=64)
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=REASON_LENGTH
    )


class WindowFilters(Query):
    environment = Slug(required=False)
    ended = serializers.BooleanField(
        required=False, help_text="Those taken back; without it, those that are not."
    )


class Policy(ApiView):
    asks = {"PATCH": asking.POLICY}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=PolicySerializer)
    def get(self, request: Request, project: str, environment: str) -> Response:
        """Show the policy of an environment."""
        return Response(self._shape())

    @operation(takes=PolicyInput, gives=PolicySerializer, filters=EditQuery)
    def patch(self, request: Request, project: str, environment: str) -> Response:
        """Change the fields given."""
        row = self._environment()
        terms = self.read(PolicyInput, partial=True)
        message = self.query(EditQuery).get("message", "")
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.set_policy(row, terms=terms, actor=self.actor, message=message)
        return Response(self._shape())

    def _shape(self) -> object:
        row = self._environment()
        terms = policies.live_policy(row)
        return self.shape(terms, PolicySerializer, environment=row)

    def _environment(self) -> Environment:
        return _environment(self)


class Freeze(ApiView):
    asks = {"POST": asking.FREEZE, "DELETE": asking.UNFREEZE}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=FreezeAnswer)
    def get(self, request: Request, project: str, environment: str) -> Response:
        """Say whether the environment is frozen, by hand or by a window."""
        return self._answer(_environment(self))

    @operation(takes=FreezeInput, gives=FreezeAnswer)
    def post(self, request: Request, project: str, environment: str) -> Response:
        """Freeze the environment at once."""
        row = _environment(self)
        given = self.read(FreezeInput)
        frozen = actions.freeze(
            row,
            reason=given.get("reason", ""),
            until=given.get("until"),
            actor=self.actor,
        )
        return self._answer(frozen)

    @operation(status=204)
    def delete(self, request: Request, project: str, environment: str) -> Response:
        """Lift the freeze at once; windows stay."""
        row = _environment(self)
        actions.unfreeze(row, actor=self.actor)
        return self.nothing()

    def _answer(self, row: Environment) -> Response:
        return self.show(selectors.freeze_of(row), FreezeAnswer, environment=row)


class WindowList(ApiView):
    asks = {"POST": asking.ADD_WINDOW}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=WindowSerializer, is_list=True, filters=WindowFilters)
    def get(self, request: Request, project: str) -> Response:
        """List freeze windows."""
        home = selectors.visible_project(self.actor, project)
        chosen = self.query(WindowFilters)
        rows = selectors.visible_windows(self.actor, home).filter(
            ended_at__isnull=not chosen.get("ended", False)
        )
        if "environment" in chosen:
            rows = rows.filter(environment__slug=chosen["environment"])
        return self.page(rows, WindowSerializer)

    @operation(takes=WindowInput, gives=WindowSerializer, status=201)
    def post(self, request: Request, project: str) -> Response:
        """Add a window: once, or repeated by an RRULE no finer than daily."""
        home = selectors.visible_project(self.actor, project)
        given = self.read(WindowInput)
        environment, tenant = given.pop("environment", None), given.pop("tenant", None)
        given.setdefault("reason", "")
        window = actions.add_freeze_window(
            home,
            terms=actions.WindowTerms(**given),
            environment=(
                selectors.visible_environment(self.actor, project, environment)
                if environment
                else None
            ),
            tenant=(
                selectors.visible_tenant(self.actor, project, tenant)
                if tenant
                else None
            ),
            actor=self.actor,
        )
        return self.show(window, WindowSerializer, status=201)


class WindowDetail(ApiView):
    asks = {"DELETE": asking.END_WINDOW}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=WindowSerializer)
    def get(self, request: Request, project: str, window: int) -> Response:
        """Show a freeze window."""
        return self.show(self._window(), WindowSerializer)

    @operation(status=204)
    def delete(self, request: Request, project: str, window: int) -> Response:
        """End a freeze window now."""
        row = self._window()
        actions.end_freeze_window(row, actor=self.actor)
        return self.nothing()

    def _window(self) -> FreezeWindow:
        home = selectors.visible_project(self.actor, self.kwargs["project"])
        rows = selectors.visible_windows(self.actor, home)
        found = rows.filter(pk=self.kwargs["window"]).first()
        if found is None:
            raise NotFound
        return found


def _environment(view: ApiView) -> Environment:
    return selectors.visible_environment(
        view.actor, view.kwargs["project"], view.kwargs["environment"]
    )
