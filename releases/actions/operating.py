"""What operators do to deploy jobs that hang: ring again, or end them with a reason."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gitopshq.core import audit
from gitopshq.core.errors import InvalidState, NotPermitted, ReasonRequired
from gitopshq.core.models import User
from releases import finishing
from releases.bells import ring_soon
from releases.commits import recorded_commit_on_main
from releases.errors import CommitIsOut
from releases.events import ReleaseEvent
from releases.locking import lock_release
from releases.models import AttemptState, DeployAttempt

_OPEN = (AttemptState.WAITING, AttemptState.RUNNING)


@transaction.atomic
def requeue_attempt(attempt: DeployAttempt, *, actor: User) -> DeployAttempt:
    """Take the job from whoever holds it, and have it rung for again.

    Its runs count from nothing: the reaper gives up what has used up its own.

    :raises NotPermitted: unless *actor* is an operator
    :raises InvalidState: when it is over
    """
    attempt = _open(attempt, actor, "queued again")
    now = timezone.now()
    DeployAttempt.objects.filter(pk=attempt.pk).update(
        fence=F("fence") + 1, lease_until=now, runs=0
    )
    release = attempt.release
    audit.record(
        ReleaseEvent.DEPLOY_REQUEUED,
        release,
        actor=actor,
        project=release.project.slug,
        attempt=attempt.number,
        operator=True,
    )
    ring_soon("run_deployment", attempt_id=attempt.pk)
    return attempt


@transaction.atomic
def fail_attempt(attempt: DeployAttempt, *, actor: User, reason: str) -> DeployAttempt:
    """End the job as failed; whoever holds it can no longer finish it.

    :raises NotPermitted: unless *actor* is an operator
    :raises ReasonRequired: without a reason
    :raises InvalidState: when it is over
    :raises CommitIsOut: when its commit is on ``main``: then it did not fail
    """
    attempt = _open(attempt, actor, "marked as failed")
    if not reason.strip():
        raise ReasonRequired
    if recorded_commit_on_main(attempt.release):
        raise CommitIsOut
    finishing.fail_for_operator(attempt, actor=actor, reason=reason.strip())
    return attempt


def _open(attempt: DeployAttempt, actor: User, participle: str) -> DeployAttempt:
    """Lock the release; return the attempt as it is now, where it is not over."""
    if not (actor.is_active and actor.is_superuser):
        raise NotPermitted(permission="operator")
    release = lock_release(attempt.release)
    found = DeployAttempt.objects.get(pk=attempt.pk)
    if found.state not in _OPEN:
        raise InvalidState(noun="job", participle=participle)
    found.release = release
    return found
