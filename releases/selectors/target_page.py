"""Everything the page of one target shows: exact, read now, not from counters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from environments import access, policies
from environments.freezing import FreezeVerdict
from environments.models import (
    Environment,
    KustomizeBinding,
    ManifestBinding,
    TenantEnvironment,
    Workload,
    WorkloadBinding,
)
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.selectors import freeze_of, visible_workloads
from gitopshq.core.models import User
from releases import editors, people
from releases.changes import pending_documents
from releases.models import Release
from releases.pending import Pool, pool_of
from releases.selectors.deployments import latest_deployments, with_hands

PAST_RELEASES = 8
PAST_DEPLOYMENTS = 15
LOOKED_AT = 40


@dataclass(frozen=True)
class TargetPage:
    """The pool with its rows as documents, the rules, the people, what runs here."""

    pool: Pool
    documents: list[dict[str, Any]]
    names: Mapping[str, str]
    reach: Mapping[str, int]
    terms: PolicyTerms
    freeze: FreezeVerdict
    approvers: list[people.Approver]
    rights: frozenset[Permission]
    workloads: list[WorkloadBinding]
    unbound: list[Workload]
    overlays: list[KustomizeBinding]
    manifests: list[ManifestBinding]
    releases: list[Release]
    deployments: list[Release]

    @property
    def eligible(self) -> list[people.Approver]:
        return [person for person in self.approvers if not person.reason]


def target_page(
    target: TenantEnvironment, user: User, *, pool: Pool | None = None
) -> TargetPage:
    """Return what *user* sees of *target*; *pool* where the caller has it."""
    pool = pool or pool_of(target)
    documents = pending_documents(pool)
    terms = policies.effective_policy(target)
    past = list(with_hands(target.releases.all()).order_by("-number")[:LOOKED_AT])
    return TargetPage(
        pool=pool,
        documents=documents,
        names=names_of(document["changed_by"] for document in documents),
        reach=_reach(target),
        terms=terms,
        freeze=freeze_of(target),
        approvers=_approvers(pool, terms, user),
        rights=rights_of(user, target),
        workloads=list(
            target.workload_bindings.select_related(
                "workload__chart_version__chart", "chart_version"
            ).order_by("workload__name")
        ),
        unbound=list(
            visible_workloads(user, target.project)
            .filter(archived_at=None)
            .exclude(bindings__target=target)
            .order_by("name")
        ),
        overlays=list(
            target.kustomize_bindings.select_related("workload").order_by("name")
        ),
        manifests=list(target.manifest_bindings.order_by("name")),
        releases=past[:PAST_RELEASES],
        deployments=latest_deployments(past)[:PAST_DEPLOYMENTS],
    )


def names_of(logins: Iterable[str | None]) -> dict[str, str]:
    """Return how people are called, by login, in one query."""
    wanted = {login for login in logins if login}
    if not wanted:
        return {}
    return {
        user.username: user.label for user in User.objects.filter(username__in=wanted)
    }


def rights_of(user: User, target: TenantEnvironment) -> frozenset[Permission]:
    """Return which rights that this page asks about *user* holds here."""
    asked = (
        Permission.CREATE_RELEASE,
        Permission.MANAGE_WORKLOADS,
        Permission.MANAGE_VARIABLES,
        Permission.MANAGE_ENVIRONMENT,
    )
    held: dict[str, bool] = Environment.objects.filter(
        pk=target.environment_id
    ).aggregate(
        **{
            permission.codename: Count(
                "pk", filter=Q(pk__in=access.environments_open_to(user, permission))
            )
            for permission in asked
        }
    )
    return frozenset(one for one in asked if held[one.codename])


def _approvers(pool: Pool, terms: PolicyTerms, user: User) -> list[people.Approver]:
    """Return who could vote on a release of everything that *user* made now."""
    if not terms.is_gated:
        return []
    barred: dict[str, str] = {}
    if terms.block_self_approval:
        changes = [row.change for row in pool.rows if row.is_taken_by_default]
        barred = editors.barred_people(
            pool.target,
            changes,
            authors=[user],
            until=pool.target.project.edit_sequence,
        )
        barred[str(user.pk)] = "would be its author"
    return people.approvers_in(pool.target.environment, barred)


def _reach(target: TenantEnvironment) -> dict[str, int]:
    """Return how many targets an input reaches, by its scope."""
    reach: dict[str, int] = TenantEnvironment.objects.filter(
        project=target.project
    ).aggregate(
        repo=Count("pk"),
        env=Count("pk", filter=Q(environment=target.environment_id)),
        tenant=Count("pk", filter=Q(tenant=target.tenant_id)),
    )
    return reach
