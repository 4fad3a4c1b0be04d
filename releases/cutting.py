"""Cutting: from the pool and a selection to the frozen content of a release."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from delivery.models import Rendering
from delivery.rendering_requests import request_rendering
from environments import policies
from environments.desired import applying
from environments.desired.change import Change
from environments.desired.state import State
from environments.models import TenantEnvironment
from environments.policies import PolicyTerms
from environments.selectors import LastEdit, freeze_of
from gitopshq.core.errors import ConcurrentUpdate, ValidationError
from gitopshq.core.instants import rfc3339
from gitopshq.core.models import User
from releases import errors
from releases.baseline import baseline_of
from releases.bells import recount_soon
from releases.editors import barred_people, last_edits
from releases.models import (
    DeployedState,
    HeldChange,
    Release,
    ReleaseChange,
    ReleaseKind,
    Snapshot,
)
from releases.pending import PendingChange, Pool, pool_of, toggled_by


@dataclass(frozen=True)
class Cut:
    """What a release will ship, ready to be written on its row."""

    chosen: tuple[PendingChange, ...]
    snapshot: Snapshot
    rendering: Rendering
    fields: dict[str, Any]


def cut(
    target: TenantEnvironment,
    *,
    change_ids: Sequence[str] | None,
    authors: Collection[User],
    besides: Release | None = None,
) -> Cut:
    """Read the State under the project lock and freeze the selection.

    *change_ids* are ids or ``id@revision``; None takes all that is unclaimed and not
    held. *authors* are those who created, edited, refreshed or recreated the release.

    :raises NoChanges: when nothing is selected
    :raises ConcurrentUpdate: when a named revision has moved
    :raises ChangeAlreadyClaimed: when an open release has a named change
    :raises MissingDependency: when a change needs others that are not selected
    :raises InseparableChanges: when a text cannot be cut between the changes
    """
    pool = pool_of(target, besides=besides)
    chosen = choose(pool, change_ids)
    if not chosen:
        raise errors.NoChanges
    state = snapshot_state(pool, [row.change.id for row in chosen])
    rendering = request_rendering(target.project, state)
    fields = frozen_fields(
        target,
        [row.change for row in chosen],
        deployed=pool.deployed,
        now=pool.now,
        authors=authors,
    )
    fields["takes_all"] = change_ids is None
    return Cut(tuple(chosen), save_snapshot(target, state), rendering, fields)


def frozen_fields(
    target: TenantEnvironment,
    changes: Collection[Change],
    *,
    deployed: DeployedState | None,
    now: State,
    authors: Collection[User],
) -> dict[str, Any]:
    """Return what a release of *changes* keeps of the moment it is cut.

    That is its base, its baseline, the rules, and who may not vote; needs the project
    lock.
    """
    edit, sha = baseline_of(target.project)
    return {
        "base_release": deployed.release if deployed else None,
        "base_snapshot": deployed.snapshot if deployed else None,
        "baseline_edit": edit,
        "baseline_source_sha": sha,
        "baseline_digest": now.rendering_digest,
        "baseline_snapshot": save_snapshot(target, now),
        "policy_at_cut": policies.live_policy(target.environment).to_json(),
        "frozen_at_cut": frozen_document(target),
        "barred": barred_people(target, changes, authors=authors, until=edit),
        "is_stale": False,
        "stale_reason": None,
        "stale_told_at": None,
    }


def snapshot_state(pool: Pool, ids: Collection[str]) -> State:
    """Return base plus the changes *ids* (domain 3): what a release of them ships.

    :raises MissingDependency: with the missing changes by the one that needs them
    :raises InseparableChanges: with the text that cannot be cut
    """
    try:
        return applying.apply(pool.base, pool.now, ids, pool.texts)
    except applying.MissingDependency as refusal:
        needed = {need: sorted(ids) for need, ids in refusal.missing.items()}
        missing = sorted({name for ids in needed.values() for name in ids})
        summaries = [
            pool.by_id[name].change.summary if name in pool.by_id else name
            for name in missing
        ]
        raise errors.MissingDependency(
            missing="; ".join(summaries), details={"missing": needed}
        ) from refusal
    except applying.InseparableChanges as refusal:
        raise errors.InseparableChanges(
            reason=str(refusal), details={"path": refusal.path}
        ) from refusal


def save_snapshot(target: TenantEnvironment, state: State) -> Snapshot:
    """Store *state* once per project."""
    snapshot, _ = Snapshot.objects.get_or_create(
        project=target.project,
        digest=state.digest,
        defaults={"document": state.to_json()},
    )
    return snapshot


def write_changes(release: Release, chosen: Collection[PendingChange]) -> None:
    """Write the release's rows anew; each claims its change (domain 3).

    What a first release carries is claimed once, however many releases carry it. A
    change that was held back is held no longer, once it is ticked (domain 9). A
    rollback claims nothing: its changes are of no pool, and nobody's edits.
    """
    is_drawn = release.kind != ReleaseKind.ROLLBACK
    changes = [row.change for row in chosen]
    edits = last_edits(release.target, changes) if is_drawn else {}
    release.changes.all().delete()
    ReleaseChange.objects.bulk_create(
        ReleaseChange(
            release=release,
            target=release.target,
            change_id=row.change.id,
            revision=row.change.revision,
            position=position,
            type=row.change.type,
            document=change_document(row, edits.get(row.change.id)),
            is_claimed=is_drawn and row.claimed_by is None,
        )
        for position, row in enumerate(chosen)
    )
    held = [row.change.id for row in chosen if row.held_by is not None]
    HeldChange.objects.filter(
        target=release.target, change_id__in=held, ended_at=None
    ).update(ended_at=timezone.now())
    recount_soon(release.target)


def change_document(row: PendingChange, edit: LastEdit | None) -> dict[str, Any]:
    """Return the change as it is kept and shown for ever."""
    change = row.change
    return {
        "id": change.id,
        "revision": change.revision,
        "type": change.type,
        "object": change.object,
        "facet": change.facet,
        "layer": change.layer,
        "path": change.path,
        "action": change.action,
        "scope": change.scope,
        "service": change.service,
        "summary": change.summary,
        "before": change.before,
        "after": change.after,
        "dependsOn": list(change.depends_on),
        "shadowedBy": change.shadowed_by,
        "carried": change.carried,
        "changedBy": edit.actor.username if edit and edit.actor else None,
        "changedAt": rfc3339(edit.at) if edit else None,
    }


def frozen_document(target: TenantEnvironment) -> dict[str, Any] | None:
    """Return the freeze as a release records it, or None while there is none.

    ``toggle`` is the reason of the freeze by hand, which the pool shows as a change.
    """
    freeze = freeze_of(target)
    if not freeze.is_frozen:
        return None
    return {
        "name": freeze.name,
        "reason": freeze.reason,
        "until": rfc3339(freeze.until) if freeze.until else None,
        "toggle": toggled_by(target),
    }


def policy_of(snapshot: Snapshot) -> PolicyTerms | None:
    """Return the policy that *snapshot* carries."""
    state = State.from_json(snapshot.document)
    return None if state.policy is None else PolicyTerms.of_state(state.policy)


def choose(pool: Pool, change_ids: Sequence[str] | None) -> list[PendingChange]:
    """Return the rows that *change_ids* name, or all that are taken by default.

    What a first release carries whatever is ticked comes with them.

    :raises ConcurrentUpdate: when a named revision has moved
    :raises ValidationError: for a row that is not there or cannot be selected
    :raises ChangeAlreadyClaimed: when an open release has a named change
    """
    if change_ids is None:
        return _with_carried(pool, pool.default_rows)
    chosen: dict[str, PendingChange] = {}
    claimed: dict[str, str] = {}
    for index, named in enumerate(change_ids):
        row = _named(pool, named, pointer=f"/changeIds/{index}")
        if row.claimed_by is not None and not row.change.carried:
            claimed[row.change.id] = row.claimed_by.name
        chosen[row.change.id] = row
    if claimed:
        raise errors.ChangeAlreadyClaimed(
            claimed=", ".join(sorted(set(claimed.values()))),
            details={"claimed": claimed},
        )
    return _with_carried(pool, list(chosen.values()))


def _with_carried(pool: Pool, chosen: list[PendingChange]) -> list[PendingChange]:
    """Add what a first release holds whatever is ticked; keep the pool's order.

    Nothing, where nothing is chosen but what another release ships anyhow.
    """
    if all(row.claimed_by is not None for row in chosen):
        return []
    ids = {row.change.id for row in chosen}
    return [row for row in pool.rows if row.change.id in ids or row.change.carried]


def _named(pool: Pool, named: str, *, pointer: str) -> PendingChange:
    change_id, _, revision = named.partition("@")
    row = pool.by_id.get(change_id)
    if row is None:
        if revision:
            raise ConcurrentUpdate(what=f"change {change_id}")
        raise ValidationError.of(pointer, f"no pending change {change_id}")
    if revision and revision != row.change.revision:
        raise ConcurrentUpdate(what=row.change.summary)
    if not row.change.selectable:
        raise ValidationError.of(pointer, f"cannot be selected: {row.change.summary}")
    return row
