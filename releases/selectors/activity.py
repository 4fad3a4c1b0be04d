"""What happened in the last day to what one person may see, from the audit trail."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils import timezone

from environments.events import Event
from environments.models import Environment
from gitopshq.core.models import AuditEntry, User
from releases.events import ReleaseEvent
from releases.models import Release

LATELY: Final = timedelta(hours=24)
MOST: Final = 100
_LOOKED_AT: Final = 1_000
_TOLD: Final = {
    ReleaseEvent.CREATED: "created",
    ReleaseEvent.SUBMITTED: "submitted",
    ReleaseEvent.REFRESHED: "refreshed",
    ReleaseEvent.COMMENTED: "commented on",
    ReleaseEvent.APPROVED: "approved",
    ReleaseEvent.CANCELLED: "cancelled",
    ReleaseEvent.DEPLOYED: "deployed",
    ReleaseEvent.DEPLOY_FAILED: "deploy failed",
    ReleaseEvent.ROLLED_BACK: "rolled back",
    ReleaseEvent.WENT_STALE: "went stale",
    ReleaseEvent.BREAK_GLASS_CONFIRMED: "set the freeze aside for",
    Event.ENVIRONMENT_FROZEN: "froze",
    Event.ENVIRONMENT_UNFROZEN: "unfroze",
}
_RELEASE: Final = "releases.release"
_ENVIRONMENT: Final = "environments.environment"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that befell a release or an environment; ``actor`` None: the system."""

    said: str
    actor: User | None
    at: datetime
    what: Release | Environment
    where: str


def activity_of(environments: Collection[Environment]) -> list[Happening]:
    """Return what happened in *environments* within ``LATELY``, newest first.

    Whoever asks names the environments that they may see. Of a busy day, the newest
    ``MOST``: much more is looked at, since the trail knows no environments.
    """
    projects = {place.project.slug for place in environments}
    entries = list(
        AuditEntry.objects.filter(
            Q(object_type=_RELEASE) | Q(object_type=_ENVIRONMENT),
            project__in=projects,
            at__gte=timezone.now() - LATELY,
            event__in=[str(event) for event in _TOLD],
        )
        .select_related("actor")
        .defer("before", "after", "data")
        .order_by("-at", "-pk")[:_LOOKED_AT]
    )
    seen: dict[str, Mapping[int, Release | Environment]] = {
        _ENVIRONMENT: {place.pk: place for place in environments},
        _RELEASE: _releases(entries, environments),
    }
    found = []
    for entry in entries:
        what = seen[entry.object_type].get(int(entry.object_id))
        if what is not None:
            said, where = _TOLD[entry.event], _where(what)  # type: ignore[index]
            found.append(Happening(said, entry.actor, entry.at, what, where))
    return found[:MOST]


def _releases(
    entries: Iterable[AuditEntry], environments: Collection[Environment]
) -> dict[int, Release]:
    wanted = {int(row.object_id) for row in entries if row.object_type == _RELEASE}
    rows = Release.objects.filter(pk__in=wanted, target__environment__in=environments)
    rows = rows.select_related("project", "target__tenant", "target__environment")
    return {row.pk: row for row in rows}


def _where(what: Release | Environment) -> str:
    if isinstance(what, Release):
        return f"{what.project.slug} · {what.target}"
    return what.project.slug
