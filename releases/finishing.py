"""How a deploy job ends: deployed or failed, once, by whoever holds its fence."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from environments.actions import record_released_policy
from gitopshq.core import audit, notifying
from gitopshq.core.models import User
from releases import jobs
from releases.claims import release_claims
from releases.commits import recorded_commit_on_main
from releases.cutting import policy_of
from releases.events import ReleaseEvent
from releases.freeze_gate import set_aside_in
from releases.gates import Gate
from releases.jobs import Held
from releases.locking import lock_by_key, lock_release
from releases.models import (
    AttemptState,
    DeployAttempt,
    DeployedState,
    FailureType,
    Release,
    ReleaseKind,
    Status,
    SyncState,
)
from releases.pending import pool_of
from releases.undoing import undo


@transaction.atomic
def finish(held: Held, commit: str) -> None:
    """Finish a release whose commit is on ``main``, whatever the gates say now."""
    release = lock_by_key(held.release_id)
    jobs.still_held(held)
    finish_locked(held, release, commit, gates=None)


def finish_locked(
    held: Held, release: Release, commit: str, *, gates: Sequence[Gate] | None
) -> None:
    """Write the success down, in the transaction that moved the ref."""
    now = timezone.now()
    is_rollback = release.kind == ReleaseKind.ROLLBACK
    before = pool_of(release.target) if is_rollback else None
    release.finish_deploying(commit=commit, at=now)
    release.save(update_fields=["status", "commit_sha", "deployed_at"])
    DeployedState.objects.update_or_create(
        target=release.target,
        defaults={
            "release": release,
            "snapshot": release.snapshot,
            "deployed_at": now,
            "sync_state": SyncState.NOT_TRACKED,
            "sync_revision": "",
            "sync_checked_at": None,
        },
    )
    terms = policy_of(release.snapshot)
    if terms is not None:
        record_released_policy(release.target, terms=terms, actor=release.deployed_by)
    release_claims(release)
    if before is not None:
        undo(release, before=before)
    ended: dict[str, object] = {"state": AttemptState.DONE, "ended_at": now}
    if gates is not None:
        ended["gates"] = [gate.to_json() for gate in gates]
    DeployAttempt.objects.filter(pk=held.attempt_id).update(**ended)
    audit.record(
        ReleaseEvent.DEPLOYED,
        release,
        actor=release.deployed_by,
        project=release.project.slug,
        before={"state": Status.DEPLOYING},
        after={"state": Status.DEPLOYED},
        commit=commit,
        tree=release.rendering.tree,
        digest=release.digest,
        policy=terms.to_json() if terms else None,
        **set_aside_in(gates or ()),
    )
    notifying.notify(
        [release.author],
        ReleaseEvent.DEPLOYED,
        project=release.project.slug,
        title=f"Deployed: {release}",
        body=commit,
        url=release.get_absolute_url(),
    )


@transaction.atomic
def fail(held: Held, failure_type: str, detail: str) -> None:
    """Write the failure down; the changes return to the pool. Nothing if not held.

    What broke after the ref had moved is no failure: the commit is out.
    """
    release = lock_by_key(held.release_id)
    try:
        jobs.still_held(held)
    except jobs.LostLease:
        return
    if commit := recorded_commit_on_main(release):
        finish_locked(held, release, commit, gates=None)
    else:
        _fail_locked(held.attempt_id, release, failure_type, detail)


@transaction.atomic
def give_up(attempt_id: int) -> None:
    """Fail a job that no worker brought to an end in its allowed runs.

    Nothing, where a worker ended it meanwhile, or its commit is out: that is adopted.
    """
    attempt = DeployAttempt.objects.select_related("release__project").get(
        pk=attempt_id
    )
    release = lock_release(attempt.release)
    lost = DeployAttempt.objects.filter(
        pk=attempt_id, state=AttemptState.RUNNING, lease_until__lt=timezone.now()
    )
    if lost.exists() and not recorded_commit_on_main(release):
        detail = f"no worker finished it in {attempt.runs} runs"
        _fail_locked(attempt_id, release, FailureType.INTERNAL_ERROR, detail)


@transaction.atomic
def close(held: Held) -> None:
    """End a job whose release is no longer deploying."""
    DeployAttempt.objects.filter(pk=held.attempt_id, fence=held.fence).update(
        state=AttemptState.DONE, ended_at=timezone.now()
    )


def fail_for_operator(attempt: DeployAttempt, *, actor: User, reason: str) -> None:
    """Fail a job because *actor* said so; the caller holds the locks."""
    detail = f"marked as failed by {actor.label}: {reason}"
    _fail_locked(
        attempt.pk,
        attempt.release,
        FailureType.INTERNAL_ERROR,
        detail,
        actor=actor,
        operator=True,
    )


def _fail_locked(
    attempt_id: int,
    release: Release,
    failure_type: str,
    detail: str,
    *,
    actor: User | None = None,
    **noted: object,
) -> None:
    release.fail(failure_type=failure_type, detail=detail)
    release.save(
        update_fields=["status", "failure_type", "failure_detail", "failed_at"]
    )
    release_claims(release)
    DeployAttempt.objects.filter(pk=attempt_id).update(
        state=AttemptState.FAILED,
        failure_type=failure_type,
        failure_detail=detail,
        ended_at=timezone.now(),
    )
    audit.record(
        ReleaseEvent.DEPLOY_FAILED,
        release,
        actor=actor,
        project=release.project.slug,
        type=failure_type,
        detail=detail,
        **noted,
    )
    notifying.notify(
        [release.author, *([release.deployed_by] if release.deployed_by else [])],
        ReleaseEvent.DEPLOY_FAILED,
        project=release.project.slug,
        title=f"Deploy failed: {release}",
        body=detail,
        url=release.get_absolute_url(),
    )
