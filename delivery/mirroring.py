"""Which projects' ``source`` branches are to catch up; how is in ``source_mirror``."""

import logging
from typing import Final

from delivery import source_mirror, upkeep
from environments.models import Edit, Project
from gitopshq.core.errors import ConcurrentUpdate

logger: Final = logging.getLogger(__name__)


def mirror(*, project_id: int) -> None:
    """Bring one project's branch up to date, and its repository into order."""
    project = Project.objects.get(pk=project_id)
    try:
        # Whoever is at it takes what is asked for here along; a worker has more to do.
        source_mirror.catch_up(project, patience_seconds=0)
    except ConcurrentUpdate:
        logger.info("%s: the source branch is being written by another", project)
        return
    upkeep.tidy(project)


def mirror_all() -> None:
    """Bring up to date every branch that some edit is missing from."""
    behind = Edit.objects.filter(source_commit="").values("project")
    for key in Project.objects.filter(pk__in=behind).order_by("pk").values_list("pk"):
        mirror(project_id=key[0])
