"""Sending a release off: through the guard chain, then handed to a worker.

People do it by the actions ``deploy_release`` and ``retry_release``, the system where
an environment deploys by itself.
"""

from django.db import transaction
from django.utils import timezone

from gitopshq.core import audit
from gitopshq.core.models import User
from releases.bells import ring_soon
from releases.claims import claim_again
from releases.events import ReleaseEvent
from releases.freeze_gate import set_aside_in
from releases.gates import Gate, Moment, Question, enforce
from releases.locking import lock_release
from releases.models import DeployAttempt, Release


@transaction.atomic
def send(release: Release, *, actor: User | None) -> Release:
    """Send an approved release to its target. ``actor=None``: the system does.

    :raises DomainError: the first refusal of the guard chain (domain 7)
    """
    release = lock_release(release)
    moment = Moment.DEPLOY if actor else Moment.AUTO
    gates = enforce(Question(release, actor, moment))
    release.start_deploying(by=actor)
    release.save(update_fields=["status", "deployed_by"])
    _hand_over(release, actor, gates)
    audit.record(
        ReleaseEvent.DEPLOY_REQUESTED,
        release,
        actor=actor,
        project=release.project.slug,
        digest=release.digest,
        **set_aside_in(gates),
    )
    return release


@transaction.atomic
def send_again(release: Release, *, actor: User) -> Release:
    """Send a failed release once more, where its failure was not in its content.

    :raises DomainError: the first refusal of the guard chain
    :raises ChangeAlreadyClaimed: when another release took its changes meanwhile
    """
    release = lock_release(release)
    gates = enforce(Question(release, actor, Moment.RETRY))
    release.retry(by=actor)
    claim_again(release)
    release.save(
        update_fields=[
            "status",
            "deployed_by",
            "failure_type",
            "failure_detail",
            "failed_at",
        ]
    )
    _hand_over(release, actor, gates)
    audit.record(
        ReleaseEvent.RETRY_REQUESTED,
        release,
        actor=actor,
        project=release.project.slug,
        **set_aside_in(gates),
    )
    return release


def _hand_over(release: Release, actor: User | None, gates: list[Gate]) -> None:
    """Write the job's row; on commit ring for a worker."""
    attempt = DeployAttempt.objects.create(
        release=release,
        number=release.attempts.count() + 1,
        requested_by=actor,
        requested_at=timezone.now(),
        gates=[gate.to_json() for gate in gates],
    )
    ring_soon("run_deployment", attempt_id=attempt.pk)
