"""The projects of one person at a glance, and what happened in them lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, Sum

from environments import access
from environments.freezing import FreezeVerdict
from environments.models import Environment, Project
from environments.permissions import Permission
from environments.selectors import freezes_of_environments
from gitopshq.core.models import AuditEntry, User
from releases.events import ReleaseEvent
from releases.models import DeployedState, Release
from releases.selectors.attention import attention_by_project
from releases.selectors.finding import releases_visible_to

TOLD: Final = {
    ReleaseEvent.CREATED: "created",
    ReleaseEvent.SUBMITTED: "submitted",
    ReleaseEvent.APPROVED: "approved",
    ReleaseEvent.CANCELLED: "cancelled",
    ReleaseEvent.DEPLOYED: "deployed",
    ReleaseEvent.DEPLOY_FAILED: "deploy failed",
    ReleaseEvent.WENT_STALE: "went stale",
}
_LOOKED_AT: Final = 60
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """One environment of a card: its newest deploy, what is pending, its freeze."""

    environment: Environment
    targets: int
    running: int
    pending: int
    deployed_at: datetime | None
    release: int | None
    freeze: FreezeVerdict


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """A project with the environments one may see, in rank order."""

    project: Project
    attention: int
    rows: tuple[EnvironmentRow, ...]

    @property
    def pending(self) -> int:
        return sum(row.pending for row in self.rows)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that befell a release; ``actor`` None is the system."""

    said: str
    event: str
    actor: User | None
    at: datetime
    release: Release


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
                freeze=freezes[place.pk],
            )
        )
    cards = [
        ProjectCard(project, needs.get(project.pk, 0), tuple(rows.get(project.pk, ())))
        for project in projects
    ]
    return sorted(cards, key=lambda card: (-card.attention, card.project.slug))


def projects_of(user: User) -> QuerySet[Project]:
    """Return the live projects that *user* may see something of."""
    return access.projects_visible_to(user).filter(archived_at=None)


def recent_happenings(user: User, projects: Sequence[Project]) -> list[Happening]:
    """Return what happened lately to releases one may see, newest first."""
    entries = list(
        AuditEntry.objects.filter(
            project__in=[project.slug for project in projects],
            object_type="releases.release",
            event__in=[str(event) for event in TOLD],
        )
        .select_related("actor")
        .order_by("-at", "-pk")[:_LOOKED_AT]
    )
    seen = releases_visible_to(user).in_bulk(
        {int(entry.object_id) for entry in entries}
    )
    found = [
        Happening(
            TOLD[ReleaseEvent(entry.event)],
            entry.event,
            entry.actor,
            entry.at,
            seen[int(entry.object_id)],
        )
        for entry in entries
        if int(entry.object_id) in seen
    ]
    return found[:_SHOWN]


def _environments(user: User, projects: Sequence[Project]) -> QuerySet[Environment]:
    newest = DeployedState.objects.filter(target__environment=OuterRef("pk")).order_by(
        "-deployed_at", "-pk"
    )
    return (
        access.environments_open_to(user, Permission.VIEW_RELEASE)
        .filter(project__in=projects, archived_at=None)
        .annotate(
            target_count=Count("targets"),
            running_count=Count("targets__deployed"),
            pending_sum=Sum("targets__pending_count"),
            last_deploy=Max("targets__deployed__deployed_at"),
            last_release=Subquery(newest.values("release__number")[:1]),
        )
        .order_by("rank", "slug", "pk")
    )
