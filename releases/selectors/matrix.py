"""Tenants by environments: what runs in each target, and what is on its way.

A constant number of queries, from rows and cached counters; a target's own page is
exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Window

from approvals.models import ApprovalRequest, Verdict
from environments import access
from environments.freezing import FreezeVerdict
from environments.models import Environment, Project, Tenant, TenantEnvironment
from environments.permissions import Permission
from environments.policies import PolicyTerms
from environments.selectors import freezes_of
from environments.selectors.tags import count_tags, has_tag
from gitopshq.core.models import User
from releases.models import (
    CANCELLABLE,
    CLAIMING,
    DeployedState,
    Release,
    Status,
    SyncState,
)
from releases.selectors import skew
from releases.selectors.attention import unresolved_failures
from releases.selectors.project_home import ProjectHome

TENANTS_A_PAGE: Final = 50
SHOW: Final = ("pending", "behind", "stale", "failed", "drifted")
DRIFTED: Final = (SyncState.OUT_OF_SYNC, SyncState.DEGRADED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One target: what runs, what is on its way, what is pending.

    ``behind`` counts releases of the first column, see ``skew.with_skew``.
    """

    target: TenantEnvironment
    deployed: DeployedState | None
    coming: Release | None
    votes: tuple[int, int] | None
    freeze: FreezeVerdict
    behind: int | None


@dataclass(frozen=True, slots=True)
class Column:
    """One environment with its policy, and whether one may add targets there."""

    environment: Environment
    terms: PolicyTerms
    may_manage: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One tenant; ``cells`` follow the columns, None where there is no target."""

    tenant: Tenant
    cells: tuple[tuple[Column, Cell | None], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """A page of it. ``counts`` are targets by filter, over all pages.

    They are of the chosen tag alone; ``tags`` are tenants by tag, whatever is chosen.
    ``left`` tenants follow after this page. ``is_reported``: a cluster told of some
    target what it runs.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    tags: Mapping[str, int]
    is_reported: bool
    next_tenant: str | None
    left: int
    open_releases: tuple[Cell, ...] = field(default=())


def matrix_of(
    user: User,
    home: ProjectHome,
    *,
    show: str = "",
    tag: str = "",
    search: str = "",
    after: str = "",
) -> Matrix:
    """Return one page of the matrix of a ``project_home`` that *user* may see.

    *show* is one of ``SHOW`` or "", *tag* one that a tenant must have or "", *search*
    a part of a tenant's name, *after* the slug of the last tenant of the page before.
    """
    project = home.project
    columns = _columns(user, project)
    places = [column.environment.pk for column in columns]
    targets = TenantEnvironment.objects.filter(
        project=project, environment__in=places, tenant__archived_at=None
    )
    first = columns[0].environment if columns else None
    conditions = _conditions(first)
    matching = targets.filter(conditions[show]) if show in SHOW else None
    seen = _seen(home, targets)
    tags = count_tags(seen)
    page = _tenants(
        seen.filter(has_tag(tag, tags)), matching, search=search, after=after
    )
    left = page[0].left - len(page) if page else 0
    shown = targets.filter(tenant__in=[tenant.pk for tenant in page])
    cells = _cells(columns, skew.with_skew(shown, first) if first else shown.none())
    rows = tuple(
        Row(
            tenant,
            tuple((c, cells.get((tenant.pk, c.environment.pk))) for c in columns),
        )
        for tenant in page
    )
    open_here = sorted(
        (cell for cell in cells.values() if cell.coming is not None),
        key=lambda cell: -(cell.coming.number if cell.coming else 0),
    )
    counts = _counts(targets, conditions, has_tag(tag, tags, of="tenant__"))
    return Matrix(
        columns=columns,
        rows=rows,
        is_reported=bool(counts.pop("reported")),
        counts=counts,
        tags=tags,
        next_tenant=page[-1].slug if left else None,
        left=left,
        open_releases=tuple(open_here),
    )


def _columns(user: User, project: Project) -> tuple[Column, ...]:
    manages = access.environments_open_to(user, Permission.MANAGE_ENVIRONMENT)
    rows = (
        access.environments_open_to(user, Permission.VIEW_RELEASE)
        .filter(project=project, archived_at=None)
        .annotate(is_managed=Exists(manages.filter(pk=OuterRef("pk"))))
        .select_related("policy", "project")
        .order_by("rank", "slug", "pk")
    )
    return tuple(
        Column(
            row,
            PolicyTerms.of(getattr(row, "policy", None)),
            bool(row.is_managed),
        )
        for row in rows
    )


def _seen(home: ProjectHome, targets: QuerySet[TenantEnvironment]) -> QuerySet[Tenant]:
    """Return the tenants that the viewer knows of: all, or those of seen *targets*."""
    rows = home.project.tenants.filter(archived_at=None)
    return rows if home.is_whole else rows.filter(pk__in=targets.values("tenant"))


def _tenants(
    seen: QuerySet[Tenant],
    matching: QuerySet[TenantEnvironment] | None,
    *,
    search: str,
    after: str,
) -> list[Any]:
    """Return the tenants of a page; ``left`` counts them and all that follow.

    *matching* are the targets of which a tenant must have one, None for any tenant.
    """
    rows = seen.filter(slug__gt=after)
    if matching is not None:
        rows = rows.filter(pk__in=matching.values("tenant"))
    if search:
        rows = rows.filter(Q(slug__icontains=search) | Q(name__icontains=search))
    counted = rows.annotate(left=Window(Count("pk")))
    return list(counted.order_by("slug", "pk")[:TENANTS_A_PAGE])


def _conditions(first: Environment | None) -> dict[str, Q]:
    """Return what makes a target match each filter; *first* is the first column."""
    here = Release.objects.filter(target=OuterRef("pk"))
    return {
        "pending": Q(pending_count__gt=0),
        "behind": skew.is_behind(first) if first else Q(pk__in=()),
        "stale": Q(Exists(here.filter(is_stale=True, status__in=CANCELLABLE))),
        "failed": Q(Exists(here.filter(unresolved_failures()))),
        "drifted": Q(deployed__sync_state__in=DRIFTED),
    }


def _counts(
    targets: QuerySet[TenantEnvironment],
    conditions: Mapping[str, Q],
    among: Q,
) -> dict[str, int]:
    """Return how many targets match each filter, and of how many a cluster told.

    Only what matches is counted *among* some of the targets.
    """
    reported = ~Q(deployed=None) & ~Q(deployed__sync_state=SyncState.NOT_TRACKED)
    found: dict[str, int] = targets.aggregate(
        reported=Count("pk", filter=reported),
        **{
            name: Count("pk", filter=condition & among)
            for name, condition in conditions.items()
        },
    )
    return found


def _cells(
    columns: Sequence[Column], targets: QuerySet[TenantEnvironment]
) -> dict[tuple[int, int], Cell]:
    """Return the cells by tenant and environment."""
    environments = {column.environment.pk: column.environment for column in columns}
    rows: list[Any] = list(
        targets.select_related("tenant", "project", "deployed__release")
    )
    for row in rows:
        row.environment = environments[row.environment_id]
    coming = _coming({row.pk: row for row in rows})
    votes = votes_on(release for release in coming.values())
    freezes = freezes_of(rows) if rows else {}
    cells = {}
    for row in rows:
        release = coming.get(row.pk)
        cells[row.tenant_id, row.environment_id] = Cell(
            target=row,
            deployed=getattr(row, "deployed", None),
            coming=release,
            votes=votes.get(release.pk) if release else None,
            freeze=freezes[row.pk],
            behind=row.behind,
        )
    return cells


def _coming(targets: Mapping[int, TenantEnvironment]) -> dict[int, Release]:
    """Return the newest release on its way into each target, else an open failure."""
    rows = Release.objects.filter(
        Q(status__in=CLAIMING) | unresolved_failures(), target__in=targets
    )
    found: dict[int, Release] = {}
    for release in rows.select_related("author").order_by("number"):
        known = found.get(release.target_id)
        if known is None or release.status != Status.FAILED or not known.is_open:
            found[release.target_id] = release
    for release in found.values():
        release.target = targets[release.target_id]
        release.project = release.target.project
    return found


def votes_on(releases: Iterable[Release]) -> dict[int, tuple[int, int]]:
    """Return votes that stand and votes needed, by release that waits for them."""
    waiting = [
        release.pk for release in releases if release.status == Status.PENDING_APPROVAL
    ]
    if not waiting:
        return {}
    standing = Q(
        decisions__verdict=Verdict.APPROVE,
        decisions__withdrawn_at=None,
        decisions__voided_at=None,
        decisions__digest=F("digest"),
    )
    rows = (
        ApprovalRequest.objects.filter(
            subject_type=ContentType.objects.get_for_model(Release),
            subject_id__in=waiting,
        )
        .annotate(standing=Count("decisions", filter=standing))
        .values_list("subject_id", "standing", "required")
    )
    return {pk: (current, required) for pk, current, required in rows}
