"""What refreshing a release would do to its votes, told before anybody presses.

The same questions as ``actions.renewing`` asks; nothing is written and nobody locked.
"""

from collections.abc import Collection
from typing import Final

from delivery.rendering_requests import is_rendering_of
from environments.desired import applying
from environments.desired.state import State
from environments.stored import ScratchTexts
from gitopshq.core.errors import DomainError
from releases.cutting import choose
from releases.models import Release
from releases.pending import PendingChange, Pool, pool_of
from releases.rollbacks import Reversal, plan_rollback

OUTLOOK: Final = "sameContent"
"""Under which a stale release's flags keep what ``keeps_content`` said."""


def keeps_votes(release: Release) -> bool | None:
    """Say whether votes on *release* would survive a refresh made now (domain 4).

    They do where change set, snapshot and tree stay the same. None: it would be
    refused, for nothing of the selection is left or it cannot be cut any more. What
    the flags of lists say is taken where nothing has moved since.
    """
    flags = release.stale_reason or {}
    if release.target.counted_at_edit == release.project.edit_sequence:
        same = flags[OUTLOOK] if OUTLOOK in flags else keeps_content(release)
    else:
        same = keeps_content(release)
    if not same:
        return None if same is None else False
    # Engines of another version print another tree from the same content.
    state = State.from_json(release.snapshot.document)
    return is_rendering_of(release.rendering, release.project, state)


def keeps_content(release: Release, *, pool: Pool | None = None) -> bool | None:
    """Say whether a refresh would leave change set and snapshot as they are.

    None: it would be refused. *pool*, of its target, spares the queries.
    """
    try:
        state, rows = _recut(release, pool)
    except (DomainError, applying.MissingDependency, applying.InseparableChanges):
        return None
    if not rows:
        return None
    kept = set(release.changes.values_list("change_id", "revision"))
    if kept != {(row.change.id, row.change.revision) for row in rows}:
        return False
    return state.digest == release.snapshot.digest


def _recut(
    release: Release, pool: Pool | None
) -> tuple[State, Collection[PendingChange]]:
    if release.rollback_to is not None:
        plan = plan_rollback(release.rollback_to, Reversal.of(release))
        return plan.state, plan.rows
    if pool is None:
        pool = pool_of(release.target, besides=release)
    else:
        pool = pool.besides(release)
    wanted = None
    if not release.takes_all:
        had = release.changes.order_by("position").values_list("change_id", flat=True)
        wanted = [change_id for change_id in had if change_id in pool.by_id]
    rows = choose(pool, wanted)
    ids = [row.change.id for row in rows]
    return applying.apply(pool.base, pool.now, ids, ScratchTexts()), rows
