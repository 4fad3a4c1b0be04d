"""The audit trail as files: JSON lines and CSV."""

import json
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet

from gitopshq.core import sheets
from gitopshq.core.models import AuditEntry

_CHUNK: Final = 1000
COLUMNS: Final = (
    "id", "project", "sequence", "at", "actor", "event", "objectType", "objectId",
    "objectLabel", "before", "after", "data", "requestId", "previousHash", "entryHash",
)  # fmt: skip


def jsonl_lines(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield one JSON object a line, newest entry first."""
    for entry in _newest_first(entries):
        yield json.dumps(_row(entry), ensure_ascii=False, separators=(",", ":")) + "\n"


def csv_lines(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield the heading and one record an entry, newest first."""
    rows = (_row(entry).values() for entry in _newest_first(entries))
    return sheets.csv_lines(COLUMNS, rows)


def _newest_first(entries: QuerySet[AuditEntry]) -> Iterator[AuditEntry]:
    return entries.order_by("-pk").iterator(chunk_size=_CHUNK)


def _row(entry: AuditEntry) -> dict[str, Any]:
    values = (
        entry.pk,
        entry.project,
        entry.sequence,
        entry.at.isoformat().replace("+00:00", "Z"),
        entry.actor_name,
        entry.event,
        entry.object_type,
        entry.object_id,
        entry.object_label,
        entry.before,
        entry.after,
        entry.data,
        entry.request_id,
        entry.previous_hash,
        entry.entry_hash,
    )
    return dict(zip(COLUMNS, values, strict=True))
