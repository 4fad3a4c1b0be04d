"""What refreshing a release would do to its votes, told before anybody presses.

The same questions as ``actions.renewing`` asks; nothing is written and nobody locked.
"""

from collections.abc import Collection

from delivery.rendering_requests import known_rendering
from environments.desired import applying
from environments.desired.state import State
from environments.stored import ScratchTexts
from gitopshq.core.errors import DomainError
from releases.cutting import choose
from releases.models import Release
from releases.pending import PendingChange, pool_of
from releases.rollbacks import Reversal, plan_rollback


def keeps_votes(release: Release) -> bool | None:
    """Say whether votes on *release* would survive a refresh made now (domain 4).

    They do where change set, snapshot and tree stay the same. None: it would be
    refused, for nothing of the selection is left or it cannot be cut any more.
    """
    try:
        state, rows = _recut(release)
    except (DomainError, applying.MissingDependency, applying.InseparableChanges):
        return None
    if not rows:
        return None
    kept = set(release.changes.values_list("change_id", "revision"))
    if kept != {(row.change.id, row.change.revision) for row in rows}:
        return False
    if state.digest != release.snapshot.digest:
        return False
    rendering = known_rendering(release.project, state)
    return rendering is not None and rendering.pk == release.rendering_id


def _recut(release: Release) -> tuple[State, Collection[PendingChange]]:
    if release.rollback_to is not None:
        plan = plan_rollback(release.rollback_to, Reversal.of(release))
        return plan.state, plan.rows
    pool = pool_of(release.target, besides=release)
    wanted = None
    if not release.takes_all:
        had = release.changes.order_by("position").values_list("change_id", flat=True)
        wanted = [change_id for change_id in had if change_id in pool.by_id]
    rows = choose(pool, wanted)
    ids = [row.change.id for row in rows]
    return applying.apply(pool.base, pool.now, ids, ScratchTexts()), rows
