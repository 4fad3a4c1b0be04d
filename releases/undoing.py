"""What the deploy of a rollback leaves behind (domain 9).

Desired state is not rewritten: what was undone stays pending, but held. After a full
rollback the releases that it undid are ``rolled_back``.
"""

from django.db.models import QuerySet
from django.utils import timezone

from environments.desired.changes import diff
from environments.desired.state import State
from environments.models import TenantEnvironment
from gitopshq.core import audit, notifying
from releases.events import ReleaseEvent
from releases.locking import fresh
from releases.models import HeldChange, Release, RollbackScope, Status
from releases.pending import Pool
from releases.rollbacks import newer_than


def undo(release: Release, *, before: Pool) -> None:
    """Write down what the rollback *release* undid, as it is deployed.

    *before* is the pool just before, in the same transaction.
    """
    _hold(release, before)
    if release.rollback_scope == RollbackScope.FULL:
        assert release.rollback_to is not None, "a rollback says where to"
        undone = newer_than(release.rollback_to).exclude(pk=release.pk)
        for newer in undone.order_by("deployed_at", "number"):
            _roll_back(fresh(newer.pk), release)


def end_outdated_holds(target: TenantEnvironment, pool: Pool) -> None:
    """End the holds of changes that were edited to something else, or are gone."""
    standing = [row.change.id for row in pool.rows if row.held_by is not None]
    _end(HeldChange.objects.filter(target=target).exclude(change_id__in=standing))


def end_hold(target: TenantEnvironment, change_id: str) -> None:
    """End the hold of one change, if it is held."""
    _end(HeldChange.objects.filter(target=target, change_id=change_id))


def _end(holds: QuerySet[HeldChange]) -> None:
    holds.filter(ended_at=None).update(ended_at=timezone.now())


def _hold(release: Release, before: Pool) -> None:
    """Hold what is pending now because of *release* alone, and what was held before.

    What was pending before, and free, stays free: nobody undid it.
    """
    shipped = State.from_json(release.snapshot.document)
    pending = diff(shipped, before.now, before.texts)
    held: dict[str, HeldChange] = {}
    for change in pending:
        was = before.by_id.get(change.id)
        if not change.selectable or (was is not None and was.held_by is None):
            continue
        is_same = was is not None and was.change.revision == change.revision
        held[change.id] = HeldChange(
            target=release.target,
            change_id=change.id,
            revision=change.revision,
            by_release=was.held_by if was and was.held_by and is_same else release,
        )
    _end(HeldChange.objects.filter(target=release.target))
    HeldChange.objects.bulk_create(held.values())


def _roll_back(newer: Release, release: Release) -> None:
    newer.roll_back(by=release)
    newer.save(update_fields=["status", "rolled_back_by"])
    audit.record(
        ReleaseEvent.ROLLED_BACK,
        newer,
        actor=release.deployed_by,
        project=release.project.slug,
        before={"state": Status.DEPLOYED},
        after={"state": Status.ROLLED_BACK},
        by=release.name,
    )
    notifying.notify(
        [newer.author],
        ReleaseEvent.ROLLED_BACK,
        project=release.project.slug,
        title=f"Rolled back: {newer}",
        body=f"by {release}",
        url=newer.get_absolute_url(),
    )
