"""Which projects' ``source`` branches are to catch up; how is in ``source_mirror``."""

from delivery import source_mirror
from environments.models import Edit, Project


def mirror(*, project_id: int) -> None:
    """Bring one project's branch up to date."""
    source_mirror.catch_up(Project.objects.get(pk=project_id))


def mirror_all() -> None:
    """Bring up to date every branch that some edit is missing from."""
    behind = Edit.objects.filter(source_commit="").values("project")
    for project in Project.objects.filter(pk__in=behind).order_by("pk"):
        source_mirror.catch_up(project)
