"""What differs between the lists of tenants, environments and targets."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.urls import reverse

from environments import actions
from environments.forms.projects import EnvironmentForm, TargetForm, TenantForm
from environments.forms.versioned import VersionedForm
from environments.models import Environment, Tenant, TenantEnvironment
from environments.permissions import Permission
from environments.saving import NOTHING, version_of
from environments.selectors.home import Home
from environments.views.frame import NEEDS

MANAGE = Permission.MANAGE_ENVIRONMENT
Facts = dict[str, Any]


class Kind(ABC):
    """One list of the settings, for one person."""

    label: ClassVar[str]
    noun: ClassVar[str]
    says: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    why_not = NEEDS.format(MANAGE.value)

    def __init__(self, home: Home, asked: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.asked = asked or {}

    @property
    def may_add(self) -> bool:
        return self.home.may(MANAGE)

    def may_edit(self, row: Any) -> bool:
        return self.may_add

    def version(self, row: Any) -> str:
        """Tell a row from any other state of it; a new one has none."""
        return NOTHING if row is None else version_of(self.facts(row))

    def fresh(self, row: Any) -> Any:
        """Return a row as it is in the database."""
        return None if row is None else type(row).objects.get(pk=row.pk)

    @abstractmethod
    def find(self, name: str) -> Any:
        """Return the row that is to be changed.

        :raises NotFound: when it may not be viewed
        """

    @abstractmethod
    def facts(self, row: Any) -> Facts:
        """Return what its form shows of a row."""

    @abstractmethod
    def form(self, row: Any, data: Any = None) -> VersionedForm:
        """Return the form of a row, or of a new one."""

    @abstractmethod
    def save(self, form: Any, row: Any) -> object:
        """Save what was typed."""

    @abstractmethod
    def rows(self) -> list[Facts]:
        """Return the rows as the table shows them."""

    def initial(self, row: Any) -> Facts:
        """Return what a fresh form holds."""
        facts = {} if row is None else self.facts(row)
        return {**facts, "version": self.version(row)}

    def row(self, row: Any, *cells: Any, **more: Any) -> Facts:
        """Return a row of the table."""
        return {
            "name": str(row),
            "cells": list(zip(self.columns, cells, strict=True)),
            "may": self.may_edit(row),
            "is_archived": getattr(row, "archived_at", None) is not None,
            **more,
        }

    def step_url(self, row: Any, name: str) -> str:
        """Return where a row is archived, or restored."""
        step = "restore" if row.archived_at else "archive"
        return reverse(name, args=[self.home.project.slug, row.slug, step])


class TenantKind(Kind):
    label, noun, columns = "Tenants", "tenant", ("Name", "Tags", "Targets")
    says = "A customer, a team or a region with environments of its own."

    def find(self, name: str) -> Tenant:
        return self.home.tenant(name)

    def facts(self, row: Tenant) -> Facts:
        return {"slug": row.slug, "name": row.name, "tags": ", ".join(row.tags)}

    def form(self, row: Tenant | None, data: Any = None) -> TenantForm:
        form = TenantForm(data, initial=self.initial(row))
        form.field("slug").disabled = row is not None
        return form

    def save(self, form: TenantForm, row: Tenant | None) -> Tenant:
        slug, name = form.cleaned_data["slug"], form.cleaned_data["name"]
        tags, actor = form.words, self.home.user
        if row is not None:
            return actions.update_tenant(row, name=name, tags=tags, actor=actor)
        return actions.create_tenant(
            self.home.project, slug=slug, name=name, tags=tags, actor=actor
        )

    def rows(self) -> list[Facts]:
        counts = [target.tenant_id for target in self.home.targets]
        return [
            self.row(
                tenant,
                tenant.name,
                ", ".join(tenant.tags) or "none",
                counts.count(tenant.pk),
                step_url=self.step_url(tenant, "environments:put_tenant"),
            )
            for tenant in self.home.tenants
        ]


class EnvironmentKind(Kind):
    label, noun = "Environments", "environment"
    columns = ("Name", "Rank", "Colour", "Targets")
    says = "A stage with a policy of its own. The rank orders stages."

    def find(self, name: str) -> Environment:
        return self.home.environment(name)

    def facts(self, row: Environment) -> Facts:
        return {
            "slug": row.slug,
            "name": row.name,
            "rank": row.rank,
            "colour": row.colour,
        }

    def form(self, row: Environment | None, data: Any = None) -> EnvironmentForm:
        form = EnvironmentForm(data, initial=self.initial(row))
        form.field("slug").disabled = row is not None
        if row is not None:
            del form.fields["required_approvals"]
        return form

    def save(self, form: EnvironmentForm, row: Environment | None) -> Environment:
        given, actor = dict(form.cleaned_data), self.home.user
        del given["version"]
        if row is None:
            policy = {"required_approvals": given.pop("required_approvals") or 0}
            return actions.create_environment(
                self.home.project, actor=actor, policy=policy, **given
            )
        del given["slug"]
        return actions.update_environment(row, actor=actor, **given)

    def rows(self) -> list[Facts]:
        project = self.home.project.slug
        counts = [target.environment_id for target in self.home.targets]
        return [
            self.row(
                row,
                row.name,
                row.rank,
                row.colour or "none",
                counts.count(row.pk),
                url=reverse("environments:policy", args=[project, row.slug]),
                step_url=self.step_url(row, "environments:put_environment"),
            )
            for row in self.home.environments
        ]


class TargetKind(Kind):
    label, noun = "Targets", "target"
    columns = ("Namespace", "Cluster", "Kubernetes")
    says = "Where a tenant is delivered to in an environment."

    @property
    def may_add(self) -> bool:
        return self.home.rights.anywhere(MANAGE)

    def may_edit(self, row: TenantEnvironment) -> bool:
        return self.home.may(MANAGE, row.environment)

    def find(self, name: str) -> TenantEnvironment:
        tenant, _, environment = name.partition("/")
        return self.home.target(tenant, environment)

    def facts(self, row: TenantEnvironment) -> Facts:
        return {
            "namespace": row.namespace,
            "cluster": row.cluster,
            "kubernetes_version": row.kubernetes_version,
            "api_versions": "\n".join(row.api_versions),
        }

    def form(self, row: TenantEnvironment | None, data: Any = None) -> TargetForm:
        home, initial = self.home, self.initial(row)
        stages = [e.slug for e in home.environments if e.archived_at is None]
        if row is not None:
            initial["tenant"] = row.tenant.slug
            initial["environment"] = row.environment.slug
            stages = [row.environment.slug]
        else:
            initial.update(self._asked())
        tenants = [t.slug for t in home.tenants if t.archived_at is None]
        form = TargetForm(data, tenants=tenants, environments=stages, initial=initial)
        for name in ("tenant", "environment"):
            form.field(name).disabled = row is not None
        return form

    def _asked(self) -> Facts:
        """Return what a link to an empty place of the matrix fills in."""
        tenant = self.asked.get("tenant", "")
        environment = self.asked.get("environment", "")
        if not tenant or not environment:
            return {}
        return {
            "tenant": tenant,
            "environment": environment,
            "namespace": f"{tenant}-{environment}",
        }

    def save(
        self, form: TargetForm, row: TenantEnvironment | None
    ) -> TenantEnvironment:
        given, actor = form.cleaned_data, self.home.user
        if row is not None:
            return actions.update_target(row, facts=form.facts, actor=actor)
        return actions.create_target(
            self.home.tenant(given["tenant"]),
            self.home.environment(given["environment"]),
            facts=actions.TargetFacts(**form.facts),
            actor=actor,
        )

    def rows(self) -> list[Facts]:
        return [
            self.row(
                row,
                row.namespace,
                row.cluster or "none",
                row.kubernetes_version,
                url=row.get_absolute_url(),
            )
            for row in self.home.targets
        ]
