"""Celery's way in. A task loads nothing and decides nothing: it makes one call."""

from celery import shared_task

from gitopshq.core.ringing import heard, ring
from releases import (
    cause_jobs,
    counters,
    deployment,
    lapses,
    nightly,
    reaping,
    resources,
    self_deploying,
)


@shared_task(name="releases.run_deployment", acks_late=True, ignore_result=True)
def run_deployment(*, attempt_id: int, **_: object) -> None:
    """Deploy. ``**_`` lets an old worker accept a newer caller."""
    deployment.run(attempt_id=attempt_id)


@shared_task(name="releases.reap_deployments", ignore_result=True)
def reap_deployments(**_: object) -> None:
    """Ring again for jobs that nobody holds."""
    for attempt_id in reaping.jobs_to_ring():
        ring(run_deployment, attempt_id=attempt_id)


@shared_task(name="releases.find_causes", acks_late=True, ignore_result=True)
def find_causes(*, search_id: int, **_: object) -> None:
    """Work out what causes each changed line."""
    cause_jobs.run(search_id=search_id)


@shared_task(name="releases.reap_causes", ignore_result=True)
def reap_causes(**_: object) -> None:
    """Ring again for searches that nobody holds."""
    for search_id in cause_jobs.to_reap():
        ring(find_causes, search_id=search_id)


@shared_task(name="releases.refresh_counters", ignore_result=True)
def refresh_counters(*, project_id: int | None = None, **_: object) -> None:
    """Bring the cached counters and stale flags of lists up to date."""
    if project_id is not None:
        heard(refresh_counters, project_id=project_id)
    counters.refresh(project_id=project_id)


@shared_task(name="releases.list_resources", ignore_result=True)
def list_resources(**_: object) -> None:
    """List the resources of deploys that were not listed at once."""
    resources.catch_up()


@shared_task(name="releases.check_repositories", ignore_result=True)
def check_repositories(**_: object) -> None:
    """Compare all repositories with the database, and keep what was found."""
    nightly.check_all()


@shared_task(name="releases.reopen_lapsed", ignore_result=True)
def reopen_lapsed(*, project_id: int | None = None, **_: object) -> None:
    """Send approved releases back whose votes no longer suffice."""
    if project_id is not None:
        heard(reopen_lapsed, project_id=project_id)
    lapses.reopen_lapsed(project_id=project_id)


@shared_task(name="releases.deploy_approved", ignore_result=True)
def deploy_approved(*, release_id: int | None = None, **_: object) -> None:
    """Deploy what is approved where the system deploys."""
    self_deploying.deploy_approved(release_id=release_id)
