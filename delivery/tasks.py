"""Celery's way in. A task loads nothing and decides nothing: it makes one call."""

from celery import shared_task

from delivery import mirroring, rendering_jobs, tips, upkeep
from environments.models import Project
from gitopshq.core.ringing import heard, ring


@shared_task(name="delivery.render", acks_late=True, ignore_result=True)
def render(*, rendering_id: int, **_: object) -> None:
    """Render. ``**_`` lets an old worker accept a newer caller."""
    rendering_jobs.run(rendering_id=rendering_id)


@shared_task(name="delivery.reap_renderings", ignore_result=True)
def reap_renderings(**_: object) -> None:
    """Ring again for renderings that nobody makes."""
    for rendering_id in rendering_jobs.to_reap():
        ring(render, rendering_id=rendering_id)


@shared_task(name="delivery.mirror_source", ignore_result=True)
def mirror_source(*, project_id: int, **_: object) -> None:
    """Bring one project's ``source`` branch up to date."""
    heard(mirror_source, project_id=project_id)
    mirroring.mirror(project_id=project_id)


@shared_task(name="delivery.mirror_all_sources", ignore_result=True)
def mirror_all_sources(**_: object) -> None:
    """Bring every ``source`` branch up to date that was left behind."""
    mirroring.mirror_all()


@shared_task(name="delivery.tidy", ignore_result=True)
def tidy(*, project_id: int, **_: object) -> None:
    """Join the packs of one project's repositories."""
    upkeep.tidy(Project.objects.get(pk=project_id))


@shared_task(name="delivery.tidy_all", ignore_result=True)
def tidy_all(**_: object) -> None:
    """Join packs whose bell was lost, and clear what killed writers left."""
    upkeep.tidy_all()


@shared_task(name="delivery.check_tips", ignore_result=True)
def check_tips(**_: object) -> None:
    """Compare the branches on disk with what the database knows of them."""
    tips.check_all()
