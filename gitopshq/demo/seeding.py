"""Seeding as a whole: only where it does no harm, and only once."""

from pathlib import Path

from environments.models import Edit, Project
from gitopshq.core.models import User
from gitopshq.demo import letter, shop, story
from gitopshq.demo.desired import Desired, create_shop
from gitopshq.demo.people import EVERYBODY, cast


class NotEmpty(Exception):
    """Somebody works here: no place for people whose passwords everybody knows."""


def seed(base_url: str, data: Path) -> str:
    """Seed what is not seeded yet and return what to tell the visitor.

    :raises NotEmpty: when the installation holds anything but the demo
    :raises gitopshq.demo.journey.CannotGoOn: when workers fail, or take too long
    """
    project = Project.objects.filter(slug=shop.PROJECT).first()
    if project is None or not _is_ours(project):
        _refuse_others()
    if project is None or not story.is_told(Desired(project)):
        them = cast()
        project = project or create_shop(them)
        letter.ensure_token(them.alice, data)
        story.tell(Desired(project), them)
    return letter.written(base_url, data)


def _is_ours(project: Project) -> bool:
    return Edit.objects.filter(project=project, message=shop.MARK).exists()


def _refuse_others() -> None:
    names = [person.name for person in EVERYBODY]
    if Project.objects.exists() or User.objects.exclude(username__in=names).exists():
        raise NotEmpty(
            "this installation is in use, and the demo's passwords are public: "
            "seed an empty one (./run demo keeps its own in var/demo)"
        )
