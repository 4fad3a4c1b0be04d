"""What a worker does with a release that is deploying (domain 7, "Deploying").

The slow middle, building the commit, holds no transaction and no lock. Safe to run
any number of times: a commit recorded before a crash and reachable from ``main`` is
adopted, everything else starts again.
"""

import logging
import random
import time
from typing import Final

from django.db import transaction

from delivery import advancing, publishing, rendering_requests
from delivery.git.locks import RepositoryBusy
from gitopshq.core.errors import DomainError, in_full
from releases import finishing, jobs, resources
from releases.commits import commit_of, recorded_commit_on_main
from releases.gates import Gate, Moment, Question, enforce
from releases.jobs import Held, LostLease
from releases.locking import fresh, lock_by_key
from releases.models import DeployAttempt, FailureType, Release, Status

logger: Final = logging.getLogger(__name__)

TRIES: Final = 10


class Failure(Exception):
    """An anticipated end of an attempt."""

    def __init__(self, failure_type: str, detail: str) -> None:
        super().__init__(detail)
        self.type = failure_type
        self.detail = detail


def run(*, attempt_id: int) -> None:
    """Carry the attempt through to ``deployed`` or ``failed``."""
    held = jobs.claim(attempt_id)
    if held is None:
        logger.info("attempt %s is held by another worker, or over", attempt_id)
        return
    try:
        _carry_through(held)
    except LostLease:
        logger.warning("attempt %s was taken over by another worker", attempt_id)
    except Failure as failure:
        finishing.fail(held, failure.type, failure.detail)
    except DomainError as refusal:
        finishing.fail(held, refusal.code, in_full(refusal))
    except Exception:
        # Recorded as retryable, so that no release is stuck; then reported as a bug.
        logger.exception("attempt %s crashed", attempt_id)
        finishing.fail(
            held, FailureType.INTERNAL_ERROR, "the worker failed; see its log"
        )
    else:
        resources.catch_up(target=fresh(held.release_id).target)


def _carry_through(held: Held) -> None:
    release = fresh(held.release_id)
    if release.status != Status.DEPLOYING:
        finishing.close(held)
        return
    if commit := recorded_commit_on_main(release):
        finishing.finish(held, commit)
        return
    with jobs.step(held, "render"), jobs.kept_alive(held):
        _ensure_tree(release)
    with jobs.kept_alive(held):
        _commit(held, release)


def _commit(held: Held, release: Release) -> None:
    for attempt in range(TRIES):
        if attempt:
            time.sleep(random.uniform(0.02, 0.1) * attempt)  # noqa: S311
        with publishing.turn(release.project):
            with jobs.step(held, "build"):
                tip = publishing.tip_of(release.project)
                commit = publishing.build_release_commit(commit_of(release), tip=tip)
            _record(held, commit)
            if _advance(held, old=tip, new=commit):
                return
    raise Failure(
        FailureType.GIT_CONFLICT,
        f"main moved {TRIES} times while this was being committed",
    )


def _ensure_tree(release: Release) -> None:
    """Make sure that the approved tree is there; rendering again must give the same."""
    try:
        rendering_requests.ensure_tree(release.rendering)
    except rendering_requests.TreeLost as lost:
        raise Failure(lost.code, str(lost)) from lost


@transaction.atomic
def _record(held: Held, commit: str) -> None:
    """Store the commit id before the ref can move to it."""
    release = lock_by_key(held.release_id)
    attempt = jobs.still_held(held)
    DeployAttempt.objects.filter(pk=attempt.pk).update(
        commits=[*attempt.commits, commit]
    )
    assert release.status == Status.DEPLOYING


@transaction.atomic
def _advance(held: Held, *, old: str, new: str) -> bool:
    """Ask the whole chain again and swap the ref, in the transaction that finishes.

    A lost swap changes nothing and returns False; so does a repository that others
    keep locked.
    """
    release = lock_by_key(held.release_id)
    jobs.still_held(held)
    gates: list[Gate] = []

    def permit() -> None:
        gates.extend(enforce(Question(release, release.deployed_by, Moment.COMMIT)))

    try:
        moved = advancing.advance_ref(
            release.project, old=old, new=new, job=release.name, permit=permit
        )
    except RepositoryBusy:
        return False
    if moved:
        finishing.finish_locked(held, release, new, gates=gates)
    return moved
