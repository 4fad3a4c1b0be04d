"""What a vote binds to: one digest over everything that was shown (domain 8)."""

from typing import Any

from delivery.models import RenderingState
from environments.desired.state import canonical_digest
from releases.models import Release


def release_digest(release: Release) -> str:
    """Return 64 hex digits over ``digested``, or "" while nothing is rendered."""
    if release.rendering.state != RenderingState.READY:
        return ""
    return canonical_digest(digested(release))


def digested(release: Release) -> dict[str, Any]:
    """Return what the digest of a rendered release is over, as JSON values.

    Change ids and revisions, base release, snapshot, rendered tree, engines, title,
    notes and the client's policy snapshot.
    """
    changes = release.changes.order_by("change_id").values_list("change_id", "revision")
    base = release.base_release
    return {
        "changes": [list(row) for row in changes],
        "base": base.name if base else None,
        "snapshot": release.snapshot.digest,
        "tree": release.rendering.tree,
        "engines": release.rendering.engines,
        "title": release.title,
        "notes": release.notes,
        "policySnapshot": release.policy_snapshot,
    }
