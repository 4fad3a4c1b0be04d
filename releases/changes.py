"""Changes as people and programs see them: the row, who made it, who claims it."""

from collections.abc import Mapping
from typing import Any

from environments.desired.change import Change
from environments.selectors import LastEdit
from releases.editors import last_edits
from releases.models import Release
from releases.pending import PendingChange, Pool


def pending_documents(pool: Pool) -> list[dict[str, Any]]:
    """Return every row of the pool, with its last editor, in reading order."""
    edits = last_edits(pool.target, [row.change for row in pool.rows])
    return [pending_document(row, edits) for row in pool.rows]


def pending_document(
    row: PendingChange, edits: Mapping[str, LastEdit]
) -> dict[str, Any]:
    """Return one pending change by Python names."""
    edit = edits.get(row.change.id)
    return {
        **_change(row.change),
        "changed_by": edit.actor.username if edit and edit.actor else None,
        "changed_at": edit.at if edit else None,
        "claimed_by": row.claimed_by.name if row.claimed_by else None,
        "held_by": row.held_by.name if row.held_by else None,
        "selectable": row.is_selectable,
    }


def release_changes(release: Release) -> list[dict[str, Any]]:
    """Return the changes of *release* as they were when it was cut."""
    rows = []
    for row in release.changes.order_by("position"):
        document = row.document
        rows.append(
            {
                **document,
                "depends_on": document.get("dependsOn", []),
                "shadowed_by": document.get("shadowedBy"),
                "changed_by": document.get("changedBy"),
                "changed_at": document.get("changedAt"),
                "claimed_by": release.name if row.is_claimed else None,
                "held_by": None,
                "selectable": False,
            }
        )
    return rows


def _change(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "revision": change.revision,
        "type": change.type,
        "object": change.object,
        "facet": change.facet,
        "path": change.path,
        "action": change.action,
        "scope": change.scope,
        "service": change.service,
        "summary": change.summary,
        "before": change.before,
        "after": change.after,
        "depends_on": list(change.depends_on),
        "shadowed_by": change.shadowed_by,
    }
