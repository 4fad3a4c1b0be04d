"""The first chapter: the project with all that is desired, in one transaction."""

import secrets
from typing import Final, TypedDict

from django.db import transaction

from environments import actions
from environments.actions import TargetFacts, VariablePlace
from environments.models import (
    ChartVersion,
    Edit,
    Environment,
    Project,
    Tenant,
    TenantEnvironment,
    VariableScope,
    Workload,
)
from environments.packages import read_package
from gitopshq.core.models import User
from gitopshq.demo import packing, shop
from gitopshq.demo.people import Cast, grant_roles

_SECRET_BYTES: Final = 24


class Layer(TypedDict):
    """Which values layer of a workload: that of one target."""

    tenant: Tenant
    environment: Environment


class Desired:
    """The rows of the shop, found by their slugs."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.tenants = {row.slug: row for row in project.tenants.all()}
        self.stages = {row.slug: row for row in project.environments.all()}
        self.services = {
            row.name: row
            for row in Workload.objects.filter(project=project).select_related(
                "chart_version__chart", "project"
            )
        }
        self.targets = {
            (row.tenant.slug, row.environment.slug): row
            for row in TenantEnvironment.objects.filter(project=project).select_related(
                "tenant", "environment", "project"
            )
        }

    def target(self, tenant: str, stage: str) -> TenantEnvironment:
        return self.targets[tenant, stage]

    def layer(self, tenant: str, stage: str) -> Layer:
        return {"tenant": self.tenants[tenant], "environment": self.stages[stage]}

    def was_edited(self, message: str) -> bool:
        """Say whether the edit with that message was made before."""
        return Edit.objects.filter(project=self.project, message=message).exists()

    def place(self, scope: str, at: str) -> VariablePlace:
        """Return the place that a ``Setting`` names."""
        named = VariableScope(scope)
        if named == VariableScope.ENV:
            return VariablePlace(self.project, named, environment=self.stages[at])
        if named == VariableScope.TENANT:
            return VariablePlace(self.project, named, tenant=self.tenants[at])
        if named == VariableScope.SVC:
            tenant, stage, service = at.split("/")
            target = self.targets[tenant, stage]
            workload = self.services[service]
            return VariablePlace(self.project, named, target=target, workload=workload)
        return VariablePlace(self.project, named)


@transaction.atomic
def create_shop(them: Cast) -> Project:
    """Make everything that is desired at first; all of it or nothing."""
    root, alice = them.root, them.alice
    project = actions.create_project(
        slug=shop.PROJECT,
        name="Shop",
        description="Seven services for three tenants, from development to production.",
        actor=root,
    )
    grant_roles(project, them)
    _create_places(project, root)
    versions = {
        name: actions.upload_chart(
            read_package(packing.chart(name)), actor=alice
        ).version
        for name in shop.CHARTS
    }
    _create_services(project, versions, alice)
    desired = Desired(project)
    _set_variables(desired, alice)
    _set_values(desired, alice)
    for place, services in shop.BOUND.items():
        for name in services:
            actions.bind_workload(
                desired.services[name], to=desired.target(*place), actor=alice
            )
        _put_files(desired, place, alice)
    return project


def _create_places(project: Project, actor: User) -> None:
    tenants = [
        actions.create_tenant(project, slug=slug, name=name, tags=tags, actor=actor)
        for slug, (name, tags) in shop.TENANTS.items()
    ]
    for rank, stage in enumerate(shop.STAGES, 1):
        environment = actions.create_environment(
            project,
            slug=stage.slug,
            name=stage.name,
            rank=rank,
            colour=stage.colour,
            policy=stage.policy,
            actor=actor,
        )
        for tenant in tenants:
            facts = TargetFacts(
                namespace=f"{tenant.slug}-{stage.slug}",
                cluster=shop.cluster_of(tenant.slug, stage.slug),
                kubernetes_version=shop.KUBERNETES,
                api_versions=[*stage.api_versions],
            )
            actions.create_target(tenant, environment, facts=facts, actor=actor)


def _create_services(
    project: Project, versions: dict[str, ChartVersion], actor: User
) -> None:
    for name, chart in shop.SERVICES.items():
        actions.create_workload(
            project,
            name=name,
            chart_version=versions[chart],
            actor=actor,
            message=shop.MARK if name == "storefront" else "",
        )


def _set_variables(desired: Desired, actor: User) -> None:
    for setting in shop.SETTINGS:
        actions.set_variable(
            desired.place(setting.scope, setting.at),
            key=setting.key,
            value=setting.value or secrets.token_urlsafe(_SECRET_BYTES),
            secret=setting.is_secret,
            description=setting.description,
            actor=actor,
        )


def _set_values(desired: Desired, actor: User) -> None:
    for path, text in packing.texts("workloads/*/*.yaml").items():
        _, service, file = path.split("/")
        kind, _, slug = (
            file.removesuffix(".yaml").removeprefix("values.").partition(".")
        )
        actions.set_values(
            desired.services[service],
            text=text,
            environment=desired.stages[slug] if kind == "env" else None,
            tenant=desired.tenants[slug] if kind == "tenant" else None,
            actor=actor,
        )
    for path, text in packing.texts("targets/*/*/values/*.yaml").items():
        _, tenant, stage, _, file = path.split("/")
        actions.set_values(
            desired.services[file.removesuffix(".yaml")],
            text=text,
            tenant=desired.tenants[tenant],
            environment=desired.stages[stage],
            actor=actor,
        )


def _put_files(desired: Desired, place: tuple[str, str], actor: User) -> None:
    target = desired.target(*place)
    for name, files in files_of(place, "kustomize").items():
        attached = shop.ATTACHED.get(name)
        actions.put_overlay(
            target,
            name=name,
            files=files,
            workload=desired.services[attached] if attached else None,
            actor=actor,
        )
    for name, files in files_of(place, "manifests").items():
        actions.put_manifests(target, name=name, files=files, actor=actor)


def files_of(place: tuple[str, str], kind: str) -> dict[str, dict[str, str]]:
    """Return the overlays (``kustomize``) or ``manifests`` of a target, by name."""
    found: dict[str, dict[str, str]] = {}
    for path, text in packing.texts(f"targets/{'/'.join(place)}/{kind}/**/*").items():
        name, _, file = path.split("/", 4)[4].partition("/")
        found.setdefault(name, {})[file] = text
    return found
