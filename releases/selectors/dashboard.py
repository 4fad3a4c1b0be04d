"""The projects of one person at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)

from environments import access
from environments.freezing import FreezeVerdict
from environments.models import Environment, Project
from environments.permissions import Permission
from environments.selectors import freezes_of_environments
from gitopshq.core.models import User
from releases.models import DeployedState, SyncState
from releases.selectors.attention import attention_by_project

# How bad it is where targets of one environment differ: the worst is shown.
_SYNC_BY_WORTH: Final = (
    SyncState.NOT_TRACKED,
    SyncState.SYNCED,
    SyncState.PENDING,
    SyncState.AGENT_UNREACHABLE,
    SyncState.OUT_OF_SYNC,
    SyncState.DEGRADED,
)


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """One environment of a card: its newest deploy, what is pending, its freeze.

    ``sync`` is the worst that clusters report of its targets, "" where nothing runs.
    """

    environment: Environment
    targets: int
    running: int
    pending: int
    deployed_at: datetime | None
    release: int | None
    sync: str
    freeze: FreezeVerdict

    @property
    def is_told(self) -> bool:
        """Whether a cluster has reported of what runs here."""
        return self.sync not in ("", SyncState.NOT_TRACKED)


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project with the environments one may see, in rank order."""

    project: Project
    attention: int
    rows: tuple[EnvironmentRow, ...]

    @property
    def pending(self) -> int:
        return sum(row.pending for row in self.rows)

    @property
    def is_untold(self) -> bool:
        """Whether something runs, and no cluster has reported of any of it."""
        return any(row.sync for row in self.rows) and not any(
            row.is_told for row in self.rows
        )


def project_cards(user: User, projects: Sequence[Project]) -> list[ProjectCard]:
    """Return a card for each of *projects*, in three queries; the neediest first."""
    needs = attention_by_project(user)
    environments = list(_environments(user, projects))
    freezes = freezes_of_environments(environments)
    rows: dict[int, list[EnvironmentRow]] = {}
    for place in environments:
        facts: Any = place
        rows.setdefault(place.project_id, []).append(
            EnvironmentRow(
                environment=place,
                targets=facts.target_count,
                running=facts.running_count,
                pending=facts.pending_sum or 0,
                deployed_at=facts.last_deploy,
                release=facts.last_release,
                sync=_sync(facts.sync_worth),
                freeze=freezes[place.pk],
            )
        )
    cards = [
        ProjectCard(project, needs.get(project.pk, 0), tuple(rows.get(project.pk, ())))
        for project in projects
    ]
    return sorted(cards, key=_by_need)


def _by_need(card: ProjectCard) -> tuple[int, str, str]:
    return -card.attention, card.project.name.casefold(), card.project.slug


def _sync(worth: int | None) -> str:
    return "" if worth is None else _SYNC_BY_WORTH[worth].value


def projects_of(user: User) -> QuerySet[Project]:
    """Return the live projects that *user* may see something of."""
    return access.projects_visible_to(user).filter(archived_at=None)


def _environments(user: User, projects: Sequence[Project]) -> QuerySet[Environment]:
    live = Q(targets__tenant__archived_at=None)
    running = DeployedState.objects.filter(
        target__environment=OuterRef("pk"), target__tenant__archived_at=None
    )
    newest = running.order_by("-deployed_at", "-pk")
    return (
        access.environments_open_to(user, Permission.VIEW_RELEASE)
        .filter(project__in=projects, archived_at=None)
        .annotate(
            target_count=Count("targets", filter=live),
            running_count=Count("targets__deployed", filter=live),
            pending_sum=Sum("targets__pending_count", filter=live),
            last_deploy=Max("targets__deployed__deployed_at", filter=live),
            last_release=Subquery(newest.values("release__number")[:1]),
            sync_worth=Max(
                Case(
                    *(
                        When(targets__deployed__sync_state=state, then=worth)
                        for worth, state in enumerate(_SYNC_BY_WORTH)
                    ),
                    output_field=IntegerField(),
                ),
                filter=live,
            ),
        )
        .select_related("project")
        .order_by("rank", "slug", "pk")
    )
