"""Where the policy says so, the system deploys what was approved (domain 8).

It tries when a release is approved, and again while only a freeze, another deploy or
the planned start holds it back. There is one attempt: after a failure people retry.
"""

from typing import Final

from django.db import transaction
from django.utils import timezone

from environments.models import DeployMode
from gitopshq.core import audit, notifying
from gitopshq.core.errors import DomainError
from releases import errors, quorum
from releases.events import ReleaseEvent
from releases.locking import lock_release
from releases.models import Release, Status
from releases.sending import send

PASSING: Final = (errors.EnvironmentFrozen, errors.DeployInProgress)
"""Refusals that time alone will lift."""


def deploy_approved(*, release_id: int | None = None) -> None:
    """Try the approved releases of environments that deploy by themselves."""
    approved = Release.objects.filter(
        status=Status.APPROVED,
        target__environment__policy__deploy_mode=DeployMode.AUTO,
    )
    if release_id is not None:
        approved = approved.filter(pk=release_id)
    for release in approved.order_by("pk").select_related("project").iterator():
        try_to_deploy(release)


@transaction.atomic
def try_to_deploy(release: Release) -> bool:
    """Deploy *release* if it is due, and say whether it was sent.

    What time will not lift is told to the author once.
    """
    release = lock_release(release)
    if not _is_due(release):
        return False
    try:
        send(release, actor=None)
    except PASSING:
        return False
    except DomainError as refusal:
        _tell(release, refusal)
        return False
    return True


def _is_due(release: Release) -> bool:
    start = release.planned_start
    return (
        release.status == Status.APPROVED
        and (start is None or start <= timezone.now())
        and quorum.terms_of(release).deploys_itself
    )


def _tell(release: Release, refusal: DomainError) -> None:
    if release.auto_refusal == refusal.code:
        return
    release.auto_refusal = refusal.code
    release.save(update_fields=["auto_refusal"])
    audit.record(
        ReleaseEvent.NOT_DEPLOYED_BY_ITSELF,
        release,
        actor=None,
        project=release.project.slug,
        code=refusal.code,
        detail=str(refusal),
    )
    notifying.notify(
        [release.author],
        ReleaseEvent.NOT_DEPLOYED_BY_ITSELF,
        project=release.project.slug,
        title=f"Not deployed by itself: {release}",
        body=str(refusal),
        url=release.get_absolute_url(),
    )
