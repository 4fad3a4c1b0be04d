"""Refresh and recreate: the two ways out of a release that no longer fits."""

from typing import Any

from approvals.actions import carry_votes
from environments import access
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.errors import InvalidState, NotPermitted
from gitopshq.core.models import User
from releases import client_policy, errors
from releases.actions.cancelling import cancel_release
from releases.actions.creating import Content, make_release
from releases.actions.editing import KEEP, WORDS
from releases.actions.rolling_back import make_rollback
from releases.baseline import on_current_source
from releases.cutting import Cut, cut, write_changes
from releases.digests import release_digest
from releases.events import ReleaseEvent
from releases.lapses import reopen, reopen_if_short
from releases.locking import fresh, lock_release
from releases.models import CANCELLABLE, CancelKind, Release, Status
from releases.pending import pool_of
from releases.people import authors_of, barred_from
from releases.rendered import bind_digest
from releases.rollbacks import Reversal, cut_rollback


@on_current_source
def refresh_release(
    release: Release, *, actor: User, policy_snapshot: Any = KEEP
) -> Release:
    """Re-cut from current source with the same selection (domain 4).

    A release of everything picks up new changes; vanished ones are dropped. Votes
    survive only where the digest stays the same but for base and baseline; otherwise
    they are voided and an approved release goes back to pending.

    :raises InvalidState: unless the release is open and not deploying
    :raises NotPermitted: without ``releases.create`` (``releases.deploy`` suffices
        where the content stays the same)
    :raises NoChanges: when nothing of the selection is left
    """
    release = lock_release(release)
    environment = release.target.environment
    may_create = access.allowed(actor, Permission.CREATE_RELEASE, on=environment)
    if not may_create:
        access.require(actor, Permission.DEPLOY_RELEASE, on=environment)
    if release.status not in CANCELLABLE:
        raise InvalidState(noun="release", participle="refreshed")

    before = _content(release)
    if policy_snapshot is not KEEP:
        client_policy.check_size(policy_snapshot)
        release.policy_snapshot = policy_snapshot
    found, dropped = _recut(release, actor)
    for name, value in found.fields.items():
        setattr(release, name, value)
    release.takes_all = release.takes_all if dropped is None else False
    release.snapshot, release.rendering = found.snapshot, found.rendering
    release.version += 1
    release.auto_refusal = ""
    release.save()
    write_changes(release, found.chosen)
    release = fresh(release.pk)
    same = _content(release) == before
    if not same and not may_create:
        raise NotPermitted(permission=Permission.CREATE_RELEASE.value)
    audit.record(
        ReleaseEvent.REFRESHED,
        release,
        actor=actor,
        project=release.project.slug,
        sameContent=same,
        dropped=dropped or [],
        barred=barred_from(release),
        baseline=release.baseline_source_sha,
    )
    return _rebind(release, same=same)


@on_current_source
def recreate_release(
    release: Release, *, actor: User, policy_snapshot: Any = KEEP
) -> Release:
    """Make the release anew; an open one is cancelled, a failed one stays.

    :raises NotPermitted: without ``releases.create``, or ``releases.cancel`` where
        somebody else's open release would be cancelled
    :raises InvalidState: unless the release is open and not deploying, or failed
    :raises DomainError: every refusal of ``create_release``
    """
    release = lock_release(release)
    access.require(actor, Permission.CREATE_RELEASE, on=release.target.environment)
    if release.status not in (*CANCELLABLE, Status.FAILED):
        raise InvalidState(noun="release", participle="recreated")
    wanted = list(release.changes.values_list("change_id", flat=True))
    if release.status != Status.FAILED:
        cancel_release(
            release, actor=actor, reason="recreated", kind=CancelKind.RECREATED
        )
    words = {name: getattr(release, name) for name in WORDS}
    if policy_snapshot is KEEP:
        policy_snapshot = release.policy_snapshot
    content = Content(**words, policy_snapshot=policy_snapshot)
    if release.rollback_to is not None:
        made = make_rollback(
            release.rollback_to,
            actor=actor,
            reversal=Reversal.of(release),
            content=content,
            recreates=release,
        )
    else:
        made = make_release(
            release.target,
            actor=actor,
            content=content,
            change_ids=None if release.takes_all else _still_there(release, wanted),
            recreates=release,
        )
    audit.record(
        ReleaseEvent.RECREATED,
        release,
        actor=actor,
        project=release.project.slug,
        by=made.name,
    )
    return made


def _recut(release: Release, actor: User) -> tuple[Cut, list[str] | None]:
    """Cut again; return what was dropped too, or None where nothing was selected."""
    authors = [*authors_of(release), actor]
    if release.rollback_to is not None:
        to = fresh(release.rollback_to.pk)
        return cut_rollback(to, Reversal.of(release), authors=authors), None
    if release.takes_all:
        found = cut(release.target, change_ids=None, authors=authors, besides=release)
        return found, None
    wanted = dict(release.changes.values_list("change_id", "document"))
    left = _still_there(release, list(wanted))
    if not left:
        raise errors.NoChanges
    gone = [str(wanted[pk]["summary"]) for pk in wanted if pk not in left]
    found = cut(release.target, change_ids=left, authors=authors, besides=release)
    return found, gone


def _still_there(release: Release, wanted: list[str]) -> list[str]:
    pool = pool_of(release.target, besides=release)
    return [change_id for change_id in wanted if change_id in pool.by_id]


def _content(release: Release) -> tuple[Any, ...]:
    """Return what a vote is for: the digest's parts but for base and baseline."""
    rows = release.changes.order_by("change_id").values_list("change_id", "revision")
    return (
        list(rows),
        release.snapshot.digest,
        release.rendering_id,
        release.policy_snapshot,
        release.title,
        release.notes,
    )


def _rebind(release: Release, *, same: bool) -> Release:
    """Bind the new digest; votes for the same content move over to it.

    Other content is approved anew: nothing is bound to it yet.
    """
    if same and release.digest:
        new = release_digest(release)
        carry_votes(release, old=release.digest, new=new)
        release.digest = new
    else:
        release.digest = ""
    release.save(update_fields=["digest"])
    if release.status == Status.APPROVED:
        # The vote of whoever refreshes counts no more: they are its author too now.
        if not same:
            reopen(release, reason="refreshed with other content")
        elif reopen_if_short(release):
            release = fresh(release.pk)
    return bind_digest(release)
