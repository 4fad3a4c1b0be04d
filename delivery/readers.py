"""Who may read which branches of a project, by Git or in the browser (domain 10).

Git knows no rights inside a repository: reading takes ``sees_whole``, and ``source``
is shown only to people who may view every environment.
"""

from environments import access
from environments.models import Project
from environments.permissions import Permission
from gitopshq.core.models import User


def sees_source(user: User, project: Project) -> bool:
    """Say whether *user* may also read desired state: that of every environment."""
    seen = access.environments_open_to(user, Permission.VIEW_RELEASE)
    everywhere = project.environments.exclude(pk__in=seen.values("pk"))
    return not everywhere.exists()
