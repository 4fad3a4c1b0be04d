"""Everything the page of one target shows: exact, read now, not from counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    BooleanField,
    ExpressionWrapper,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)

from environments import access, capture, policies
from environments.desired.state import ManifestState, OverlayState
from environments.freezing import FreezeVerdict
from environments.models import TenantEnvironment, Workload, WorkloadBinding
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.reaching import Bound
from environments.selectors import freeze_of, visible_targets
from gitopshq.core.errors import NotFound
from gitopshq.core.models import User
from gitopshq.core.rows import one_of
from releases import editors, people
from releases.changes import pending_document
from releases.editors import last_edits
from releases.models import CLAIMING, Release
from releases.pending import Pool, pool_from
from releases.selectors.deployments import deployed, latest_deployments, with_hands
from releases.selectors.finding import targets_at

PAST_RELEASES = 8
PAST_DEPLOYMENTS = 15
_ASKED: Final = (
    Permission.CREATE_RELEASE,
    Permission.MANAGE_WORKLOADS,
    Permission.MANAGE_VARIABLES,
    Permission.MANAGE_ENVIRONMENT,
)
_DEPLOYED: Final = (
    "deployed__snapshot",
    "deployed__release__project",
    "deployed__release__author",
)


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
    off: Sequence[OverlayState | ManifestState]
    releases: list[Release]
    deployments: list[Release]

    @property
    def eligible(self) -> list[people.Approver]:
        return [person for person in self.approvers if not person.reason]


def target_page(
    target: TenantEnvironment, user: User, *, besides: Release | None = None
) -> TargetPage:
    """Return what *user* sees of *target*; what *besides* claims is free."""
    here = _whole(TenantEnvironment.objects.filter(pk=target.pk), user).get()
    return _page(here, user, besides=besides)


def page_of_target_at(
    user: User, *, project: str, tenant: str, environment: str
) -> TargetPage:
    """Return what *user* sees of the target of that name.

    :raises NotFound: when there is none, or *user* may not view it
    """
    rows = targets_at(user, project=project, tenant=tenant, environment=environment)
    here = one_of(_whole(rows, user))
    if here is None:
        raise NotFound
    return _page(here, user)


def _page(here: Any, user: User, *, besides: Release | None = None) -> TargetPage:
    workloads = _workloads(here, user)
    bindings = [row.here for row in workloads if _is_bound(row)]
    releases = _releases(here)
    now, off = capture.state_as_read(here, map(Bound.of, bindings))
    pool = pool_from(
        here,
        getattr(here, "deployed", None),
        now,
        besides=besides,
        releases={release.pk: release for release in releases},
    )
    edits = last_edits(here, [row.change for row in pool.rows])
    live = capture.policy_as_read(here.environment)
    terms = policies.effective_policy(here, live=live)
    return TargetPage(
        pool=pool,
        documents=[pending_document(row, edits) for row in pool.rows],
        names={
            edit.actor.username: edit.actor.label
            for edit in edits.values()
            if edit.actor
        },
        reach={"repo": here.in_all, "env": here.in_stage, "tenant": here.in_tenant},
        terms=terms,
        freeze=freeze_of(here),
        approvers=_approvers(pool, terms, user),
        rights=frozenset(one for one in _ASKED if getattr(here, one.codename)),
        workloads=bindings,
        unbound=[row for row in workloads if not _is_bound(row)],
        off=off,
        releases=releases[:PAST_RELEASES],
        deployments=latest_deployments(releases)[:PAST_DEPLOYMENTS],
    )


def _whole(rows: QuerySet[Any], user: User) -> QuerySet[Any]:
    """Return targets with what they run, their policy, *user*'s rights, their reach."""
    others = TenantEnvironment.objects.filter(project=OuterRef("project"))
    rights = {
        one.codename: _flag(Q(environment__in=access.environments_open_to(user, one)))
        for one in _ASKED
    }
    whole = access.projects_open_to(user, Permission.VIEW_RELEASE)
    found = rows.select_related(*capture.FOLLOWED, *_DEPLOYED)
    annotated: QuerySet[Any] = found.annotate(
        **rights,
        sees_whole=_flag(Q(project__in=whole)),
        in_all=_count(others),
        in_stage=_count(others.filter(environment=OuterRef("environment"))),
        in_tenant=_count(others.filter(tenant=OuterRef("tenant"))),
    )
    return annotated


def _flag(condition: Q) -> Any:
    return ExpressionWrapper(condition, output_field=BooleanField())


def _count(rows: QuerySet[Any]) -> Subquery:
    number = Func(F("pk"), function="COUNT", output_field=IntegerField())
    return Subquery(rows.order_by().annotate(number=number).values("number"))


def _workloads(here: Any, user: User) -> list[Any]:
    """Return the workloads bound here, each with its binding as ``here``, and others.

    Those are what *user* may put here.
    """
    bound = Q(here__isnull=False)
    free = Q(archived_at=None)
    if not here.sees_whole:
        seen = visible_targets(user, here.project)
        free &= Q(
            pk__in=WorkloadBinding.objects.filter(target__in=seen).values("workload")
        )
    rows: QuerySet[Any] = Workload.objects.filter(project=here.project)
    rows = (
        rows.annotate(
            here=FilteredRelation("bindings", condition=Q(bindings__target=here.pk))
        )
        .filter(bound | free)
        .select_related("chart_version__chart", "here__chart_version__chart")
        .order_by("name")
    )
    found = list(rows)
    for row in found:
        if _is_bound(row):
            row.here.workload = row
    return found


def _is_bound(row: Any) -> bool:
    return getattr(row, "here", None) is not None


def _releases(here: TenantEnvironment) -> list[Release]:
    """Return the newest releases, the latest deployments, and all that is open.

    Newest first. What was cancelled since hides no deployment.
    """
    own = Release.objects.filter(target=here)
    newest = own.order_by("-number").values("pk")[:PAST_RELEASES]
    latest = deployed(own).order_by("-deployed_at", "-pk").values("pk")
    rows = own.filter(
        Q(pk__in=newest) | Q(pk__in=latest[:PAST_DEPLOYMENTS]) | Q(status__in=CLAIMING)
    )
    return list(with_hands(rows).order_by("-number"))


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
            is_first=pool.deployed is None,
        )
        barred[str(user.pk)] = "would be its author"
    return people.approvers_in(pool.target.environment, barred)
