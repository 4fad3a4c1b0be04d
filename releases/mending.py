"""Bringing releases and ``main`` together again after an older database was restored.

A commit that an approved release would make, byte for byte, and that ``main`` holds
already, is that release's: ``main`` has one writer, and it asked every gate.
"""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from delivery import mending
from delivery.mending import MENDERS
from delivery.soundness import Finding, Kind
from environments.models import Project
from gitopshq.core import audit
from releases import deployment, soundness
from releases.events import ReleaseEvent
from releases.locking import lock_release
from releases.models import DeployAttempt, Release, Status
from releases.soundness import Published

ADOPTABLE: Final = (Status.APPROVED, Status.DEPLOYING)
_ROUNDS: Final = 3
"""What is made again in one round is looked into in the next."""


def mend(project: Project, *, deep: bool) -> list[Finding]:
    """Mend what can be mended in *project*; return what is left."""
    found = soundness.check(project, deep=deep)
    for _ in range(_ROUNDS):
        if not found:
            break
        mending.mend(project, found, _MENDERS)
        before, found = found, soundness.check(project, deep=deep)
        if found == before:
            break
    return found


def _adopt_commits(project: Project, _: Sequence[Finding]) -> None:
    for published in soundness.published_without_release(project):
        attempt = _recorded(project, published)
        if attempt is not None:
            deployment.run(attempt_id=attempt.pk)


@transaction.atomic
def _recorded(project: Project, published: Published) -> DeployAttempt | None:
    """Write the commit down as one that its release's job had built, if it is its.

    The worker then finishes the release as after any crash.
    """
    release = Release.objects.filter(project=project, number=published.number).first()
    if release is None:
        return None
    release = lock_release(release)
    same = (
        release.status in ADOPTABLE
        and str(release.target) == published.place
        and release.digest == published.digest
        and release.rendering.tree == published.tree
    )
    if not same:
        return None
    if release.status == Status.APPROVED:
        release.start_deploying(by=None)
        release.save(update_fields=["status", "deployed_by"])
        attempt = DeployAttempt.objects.create(
            release=release,
            number=release.attempts.count() + 1,
            requested_by=None,
            requested_at=timezone.now(),
        )
    else:
        attempt = release.attempts.latest("number")
    DeployAttempt.objects.filter(pk=attempt.pk).update(
        commits=[*attempt.commits, published.commit], lease_until=timezone.now()
    )
    audit.record(
        ReleaseEvent.COMMIT_ADOPTED,
        release,
        actor=None,
        project=project.slug,
        commit=published.commit,
        tree=published.tree,
        digest=published.digest,
    )
    return attempt


def _count_on(project: Project, found: Sequence[Finding]) -> None:
    highest = max(int(finding.object.removeprefix("R-")) for finding in found)
    Project.objects.filter(pk=project.pk, release_sequence__lt=highest).update(
        release_sequence=highest
    )


_MENDERS: Final = {
    **MENDERS,
    Kind.COMMIT_UNKNOWN: _adopt_commits,
    Kind.NUMBER_TAKEN: _count_on,
}
