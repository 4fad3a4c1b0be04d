"""Audit entries as the history checker reads them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gitopshq.core.models import AuditEntry


@dataclass(frozen=True)
class Record:
    """One audit entry."""

    sequence: int
    at: datetime
    actor: str
    event: str
    object: str
    label: str
    before: Any
    after: Any
    data: dict[str, Any]

    @property
    def release(self) -> str:
        """Which release it is about; requests are called like theirs."""
        return self.label.partition(" ")[0]


def read(project: str) -> list[Record]:
    """Return the audit entries of a project, oldest first."""
    return [
        Record(
            entry.sequence,
            entry.at,
            entry.actor_name,
            entry.event,
            f"{entry.object_type} {entry.object_id}",
            entry.object_label,
            entry.before,
            entry.after,
            entry.data,
        )
        for entry in AuditEntry.objects.filter(project=project).order_by("sequence")
    ]
