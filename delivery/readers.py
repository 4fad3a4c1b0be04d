"""Who may read which branches of a project, by Git or in the browser (domain 10).

Git knows no rights inside a repository: reading takes ``sees_whole``, and ``source``
is shown only to people who may view every environment.
"""

from environments import access
from environments.models import Project
from environments.permissions import Permission
from gitopshq.core.models import User
from gitopshq.core.rows import one_of


def sees_source(user: User, project: Project) -> bool:
    """Say whether *user* may also read desired state: that of every environment."""
    seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
    everywhere = project.environments.exclude(pk__in=seen.values("pk"))
    return not everywhere.exists()


def project_read_by(user: User, slug: str) -> Project | None:
    """Return the project that *user* may clone, its repository's row along with it.

    Who views all of a project views every environment: ``source`` is theirs as well.
    """
    whole = access.projects_open_to(user, Permission.VIEW_RELEASE)
    return one_of(whole.filter(slug=slug).select_related("repository"))
