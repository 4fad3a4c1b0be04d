"""A release's life as its page and the API tell it: from the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from approvals.models import ApprovalRequest
from gitopshq.core.models import AuditEntry, User
from releases.models import Release


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened; ``actor`` None is the system."""

    event: str
    at: datetime
    actor: User | None
    data: dict[str, Any]


def timeline_of(release: Release) -> list[TimelineEntry]:
    """Return everything recorded of *release* and of its request, oldest first."""
    requests = ApprovalRequest.objects.filter(
        subject_type=ContentType.objects.get_for_model(Release), subject_id=release.pk
    )
    return timeline_with(release, requests.values_list("pk", flat=True))


def timeline_with(release: Release, requests: Iterable[int]) -> list[TimelineEntry]:
    """Return what is recorded of *release* and of *requests*, given by their keys."""
    wanted = Q(object_type="releases.release", object_id=str(release.pk))
    for pk in requests:
        wanted |= Q(object_type="approvals.approvalrequest", object_id=str(pk))
    entries = AuditEntry.objects.filter(wanted, project=release.project.slug)
    return [
        TimelineEntry(entry.event, entry.at, entry.actor, entry.data)
        for entry in entries.select_related("actor").order_by("sequence")
    ]
