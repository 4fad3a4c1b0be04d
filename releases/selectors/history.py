"""A release's life as its page and the API tell it: from the audit trail."""

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
    request = ApprovalRequest.objects.filter(
        subject_type=ContentType.objects.get_for_model(Release), subject_id=release.pk
    ).first()
    wanted = Q(object_type="releases.release", object_id=str(release.pk))
    if request is not None:
        wanted |= Q(object_type="approvals.approvalrequest", object_id=str(request.pk))
    entries = AuditEntry.objects.filter(wanted, project=release.project.slug)
    return [
        TimelineEntry(entry.event, entry.at, entry.actor, entry.data)
        for entry in entries.select_related("actor").order_by("sequence")
    ]
