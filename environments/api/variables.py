"""Scoped variables over HTTP. A secret's value goes in and never comes out."""

from functools import partial
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, selectors
from environments.api.shared import EditQuery, Slug
from environments.desired.resolving import mask_of
from environments.locking import lock_project
from environments.models import Project, Variable, VariableScope
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import ModelSerializer, Query, Serializer
from gitopshq.core.api.views import MIB, ApiView
from gitopshq.core.errors import FieldError, NotFound, ValidationError
from gitopshq.core.models import TokenScope, User

_NEEDED = {
    VariableScope.REPO: frozenset[str](),
    VariableScope.ENV: frozenset({"environment"}),
    VariableScope.TENANT: frozenset({"tenant"}),
    VariableScope.SVC: frozenset({"environment", "tenant", "service"}),
}


class VariableSerializer(ModelSerializer[Variable]):
    """A variable at one scope; of a secret, ``value`` is null."""

    environment = serializers.SerializerMethodField()
    tenant = serializers.SerializerMethodField()
    service = serializers.CharField(
        source="workload.name", default=None, allow_null=True
    )
    value = serializers.SerializerMethodField(method_name="plain_value")
    secret = serializers.BooleanField(source="is_secret")
    masked = serializers.SerializerMethodField()

    class Meta:
        model = Variable
        fields = [
            "id",
            "scope",
            "environment",
            "tenant",
            "service",
            "key",
            "value",
            "secret",
            "masked",
            "description",
            "updated_at",
        ]

    def get_environment(self, row: Variable) -> str | None:
        found = row.target.environment if row.target else row.environment
        return found.slug if found else None

    def get_tenant(self, row: Variable) -> str | None:
        found = row.target.tenant if row.target else row.tenant
        return found.slug if found else None

    def plain_value(self, row: Variable) -> str | None:
        return None if row.is_secret else row.value

    def get_masked(self, row: Variable) -> str | None:
        return mask_of(row.secret_id) if row.secret_id else None


class VariableInput(Serializer[None]):
    scope = serializers.ChoiceField(VariableScope.values)
    environment = Slug(required=False, allow_null=True)
    tenant = Slug(required=False, allow_null=True)
    service = Slug(required=False, allow_null=True)
    key = serializers.CharField(max_length=128)
    value = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, trim_whitespace=False
    )
    secret = serializers.BooleanField(required=False)
    description = serializers.CharField(
        required=False, allow_blank=True, max_length=255
    )


class VariableFilters(Query):
    scope = serializers.ChoiceField(VariableScope.values, required=False)
    environment = Slug(required=False)
    tenant = Slug(required=False)
    service = Slug(required=False)
    key = serializers.CharField(required=False, max_length=128)


class VariableList(ApiView):
    asks = {"PUT": asking.SET_VARIABLE}
    write_scope = TokenScope.CONFIG_WRITE
    max_body = 2 * MIB

    @operation(gives=VariableSerializer, is_list=True, filters=VariableFilters)
    def get(self, request: Request, project: str) -> Response:
        """List variables."""
        home = selectors.visible_project(self.actor, project)
        rows = selectors.variables_where(
            selectors.visible_variables(self.actor, home), **self.query(VariableFilters)
        )
        return self.page(rows, VariableSerializer)

    @operation(
        takes=VariableInput,
        gives=VariableSerializer,
        filters=EditQuery,
        other={201: VariableSerializer},
    )
    def put(self, request: Request, project: str) -> Response:
        """Create or change the variable of that key at that scope."""
        home = selectors.visible_project(self.actor, project)
        given = self.read(VariableInput)
        place = place_named(self.actor, home, given)
        is_new = not Variable.objects.filter(key=given["key"], **place.fields).exists()
        row = actions.set_variable(
            place,
            key=given["key"],
            value=given.get("value"),
            secret=given.get("secret"),
            description=given.get("description"),
            actor=self.actor,
            message=self.query(EditQuery).get("message", ""),
        )
        return self.show(row, VariableSerializer, status=201 if is_new else 200)


class VariableDetail(ApiView):
    asks = {"DELETE": asking.DELETE_VARIABLE}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=VariableSerializer)
    def get(self, request: Request, project: str, variable: int) -> Response:
        """Show a variable."""
        return Response(self._shape())

    @operation(status=204, filters=EditQuery)
    def delete(self, request: Request, project: str, variable: int) -> Response:
        """Delete a variable."""
        row = self._variable()
        message = self.query(EditQuery).get("message", "")
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.delete_variable(row, actor=self.actor, message=message)
        return self.nothing()

    def _shape(self) -> object:
        return self.shape(self._variable(), VariableSerializer)

    def _variable(self) -> Variable:
        home = selectors.visible_project(self.actor, self.kwargs["project"])
        rows = selectors.visible_variables(self.actor, home)
        found = rows.filter(pk=self.kwargs["variable"]).first()
        if found is None:
            raise NotFound
        return found


def place_named(
    user: User, home: Project, given: dict[str, Any]
) -> actions.VariablePlace:
    """Return the place that a body names.

    :raises ValidationError: when it names too little or too much for its scope
    :raises NotFound: when what it names is not there to see
    """
    project, scope = home.slug, VariableScope(given["scope"])
    named = {n for n in ("environment", "tenant", "service") if given.get(n)}
    if named != _NEEDED[scope]:
        wrong = sorted(named ^ _NEEDED[scope])
        words = "is needed" if wrong[0] in _NEEDED[scope] else "does not go"
        detail = f"{words} with scope {scope.value}"
        errors = [FieldError(f"/{name}", "scope", detail) for name in wrong]
        raise ValidationError(summary=f"{wrong[0]} {detail}", errors=errors)
    if scope == VariableScope.SVC:
        target = selectors.visible_target(
            user, project, given["tenant"], given["environment"]
        )
        workload = selectors.visible_workload(user, project, given["service"])
        return actions.VariablePlace(home, scope, target=target, workload=workload)
    if scope == VariableScope.ENV:
        environment = selectors.visible_environment(user, project, given["environment"])
        return actions.VariablePlace(home, scope, environment=environment)
    if scope == VariableScope.TENANT:
        tenant = selectors.visible_tenant(user, project, given["tenant"])
        return actions.VariablePlace(home, scope, tenant=tenant)
    return actions.VariablePlace(home, scope)
