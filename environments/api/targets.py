"""Tenant-environments over HTTP. What releases knows of them comes by a port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from environments import actions, asking, policies, ports, selectors
from environments.api.policy import PolicyFields
from environments.api.shared import FreezeSerializer, Slug
from environments.freezing import FreezeVerdict
from environments.locking import lock_project
from environments.models import TenantEnvironment
from environments.policies import PolicyTerms
from gitopshq.core.api import lists
from gitopshq.core.api.openapi import operation
from gitopshq.core.api.serializers import Query, Serializer
from gitopshq.core.api.views import ApiView
from gitopshq.core.models import TokenScope

NOT_TRACKED: Final = {"state": "not_tracked", "revision": None, "checked_at": None}


class SyncSerializer(Serializer[Any]):
    state = serializers.CharField()
    revision = serializers.CharField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True)


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """A target with all that is shown of it; ``sync`` and the like are JSON."""

    target: TenantEnvironment
    freeze: FreezeVerdict
    policy: PolicyTerms
    deployed_release: str | None = None
    pending_count: int = 0
    sync: Mapping[str, Any] = field(default_factory=lambda: NOT_TRACKED)


class TargetSerializer(Serializer[ShownTarget]):
    """A target, what binds a release into it, and what it runs."""

    tenant = serializers.CharField(source="target.tenant.slug")
    environment = serializers.CharField(source="target.environment.slug")
    namespace = serializers.CharField(source="target.namespace")
    cluster = serializers.CharField(source="target.cluster")
    kubernetes_version = serializers.CharField(source="target.kubernetes_version")
    api_versions = serializers.ListField(
        source="target.api_versions", child=serializers.CharField()
    )
    frozen = serializers.BooleanField(source="freeze.is_frozen")
    freeze = FreezeSerializer()
    effective_policy = PolicyFields(source="policy")
    deployed_release = serializers.CharField(
        allow_null=True, help_text="Its name: `R-7`."
    )
    pending_count = serializers.IntegerField()
    sync = SyncSerializer()


class TargetInput(Serializer[None]):
    tenant = Slug()
    environment = Slug()
    namespace = serializers.CharField(max_length=63)
    cluster = serializers.CharField(required=False, allow_blank=True, max_length=63)
    kubernetes_version = serializers.CharField(required=False, max_length=20)
    api_versions = serializers.ListField(
        child=serializers.CharField(max_length=400), required=False, max_length=2000
    )


class TargetPatch(Serializer[None]):
    namespace = serializers.CharField(max_length=63)
    cluster = serializers.CharField(allow_blank=True, max_length=63)
    kubernetes_version = serializers.CharField(max_length=20)
    api_versions = serializers.ListField(
        child=serializers.CharField(max_length=400), max_length=2000
    )


class TargetFilters(Query):
    tenant = Slug(required=False)
    environment = Slug(required=False)


class TargetList(ApiView):
    asks = {"POST": asking.CREATE_TARGET}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=TargetSerializer, is_list=True, filters=TargetFilters)
    def get(self, request: Request, project: str) -> Response:
        """List targets."""
        home = selectors.visible_project(self.actor, project)
        rows = selectors.visible_targets(self.actor, home)
        chosen = self.query(TargetFilters)
        for name, slug in chosen.items():
            rows = rows.filter(**{f"{name}__slug": slug})
        found, cursor = lists.page_of(rows, request.query_params)
        shaped = _shaped(self, found, exact=False)
        return Response({"items": shaped, "next": cursor})

    @operation(takes=TargetInput, gives=TargetSerializer, status=201)
    def post(self, request: Request, project: str) -> Response:
        """Create a target: a tenant in an environment."""
        selectors.visible_project(self.actor, project)
        given = self.read(TargetInput)
        tenant = selectors.visible_tenant(self.actor, project, given.pop("tenant"))
        environment = selectors.visible_environment(
            self.actor, project, given.pop("environment")
        )
        target = actions.create_target(
            tenant,
            environment,
            facts=actions.TargetFacts(**given),
            actor=self.actor,
        )
        return Response(_shaped(self, [target], exact=True)[0], status=201)


class TargetDetail(ApiView):
    asks = {"PATCH": asking.CHANGE_TARGET}
    write_scope = TokenScope.CONFIG_WRITE

    @operation(gives=TargetSerializer)
    def get(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """Show a target; the pending count is exact."""
        return Response(self._shape())

    @operation(takes=TargetPatch, gives=TargetSerializer)
    def patch(
        self, request: Request, project: str, tenant: str, environment: str
    ) -> Response:
        """Change where and for which cluster the target is rendered."""
        row = self._target()
        facts = self.read(TargetPatch, partial=True)
        with self.unchanged(self._shape, lock=partial(lock_project, row.project)):
            actions.update_target(row, facts=facts, actor=self.actor)
        return Response(self._shape())

    def _shape(self) -> object:
        return _shaped(self, [self._target()], exact=True)[0]

    def _target(self) -> TenantEnvironment:
        return selectors.visible_target(self.actor, **self.kwargs)


def _shaped(
    view: ApiView, targets: Sequence[TenantEnvironment], *, exact: bool
) -> list[Any]:
    """Return targets as they go over the wire, in a constant number of queries."""
    freezes = selectors.freezes_of(targets)
    terms = policies.effective_policies(targets)
    facts: dict[int, dict[str, Any]] = {}
    if ports.target_facts.is_answered:
        facts = ports.target_facts.answer(targets, user=view.actor, exact=exact)
    shown = [
        ShownTarget(
            target,
            freezes[target.pk],
            terms[target.pk],
            **{"pending_count": target.pending_count, **facts.get(target.pk, {})},
        )
        for target in targets
    ]
    return [view.shape(target, TargetSerializer) for target in shown]
