"""What a release of some changes would ship, before there is a release (S107)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from delivery.models import Rendering
from delivery.rendering_requests import request_rendering
from environments.desired.state import State
from environments.models import TenantEnvironment
from gitopshq.core.errors import NotFound
from releases.changes import pending_document
from releases.cutting import choose, save_snapshot, snapshot_state
from releases.editors import last_edits
from releases.models import DeployedState, Release, Snapshot
from releases.pending import deployed_state_of, pool_of
from releases.rollbacks import Reversal, plan_rollback


@dataclass(frozen=True)
class Preview:
    """The snapshot that would be shipped, its rendering, and what is deployed."""

    deployed: DeployedState | None
    snapshot: Snapshot
    rendering: Rendering
    documents: list[dict[str, Any]] = field(default_factory=list)


@transaction.atomic
def preview(target: TenantEnvironment, *, change_ids: Sequence[str] | None) -> Preview:
    """Ask for the rendering of a selection; nothing is claimed, nobody is asked.

    :raises DomainError: every refusal of a selection (see ``cutting.cut``)
    """
    pool = pool_of(target)
    chosen = choose(pool, change_ids)
    state = snapshot_state(pool, [row.change.id for row in chosen])
    edits = last_edits(target, [row.change for row in chosen])
    return Preview(
        pool.deployed,
        save_snapshot(target, state),
        request_rendering(target.project, state),
        [pending_document(row, edits) for row in chosen],
    )


@transaction.atomic
def preview_rollback(to: Release, reversal: Reversal) -> Preview:
    """Ask for the rendering of what going back to *to* would ship now.

    :raises DomainError: every refusal of ``rollbacks.plan_rollback``
    """
    plan = plan_rollback(to, reversal)
    return Preview(
        plan.deployed,
        save_snapshot(to.target, plan.state),
        request_rendering(to.project, plan.state),
        [pending_document(row, {}) for row in plan.rows],
    )


@transaction.atomic
def find(target: TenantEnvironment, digest: str) -> Preview:
    """Return the preview of the snapshot with *digest*, which must be of *target*.

    :raises NotFound: when there is none
    """
    snapshot = Snapshot.objects.filter(project=target.project, digest=digest).first()
    if snapshot is None:
        raise NotFound
    state = State.from_json(snapshot.document)
    if (state.tenant, state.environment) != (
        target.tenant.slug,
        target.environment.slug,
    ):
        raise NotFound
    rendering = request_rendering(target.project, state)
    return Preview(deployed_state_of(target), snapshot, rendering)
