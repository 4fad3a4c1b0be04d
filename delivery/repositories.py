"""Where the repositories of a project lie, made when they are first needed."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from delivery.git.commits import Identity
from delivery.git.project import ProjectRepositories
from delivery.models import HostedRepository
from environments.models import Project

SERVICE_NAME: Final = "GitOpsHQ"


def service_identity() -> Identity:
    """Return who commits deploys and begins branches: the service itself."""
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return Identity(SERVICE_NAME, f"gitopshq@{host}")


def repositories_of(project: Project) -> ProjectRepositories:
    """Return the project's repositories, made if they are not there yet.

    What was lost is not made anew: an empty branch in place of what clusters read is
    worse than none. Safe to call at the same time from several processes.
    """
    found = places_of(project)
    if found.missing() and not _was_published(project):
        make_missing(project)
    return found


def make_missing(project: Project) -> None:
    """Make those of the project's repositories that are not there, empty."""
    places_of(project).create(identity=service_identity(), at=project.created_at)


def _was_published(project: Project) -> bool:
    rows = HostedRepository.objects.filter(project=project)
    return rows.exclude(main_commit="").exists()


def places_of(project: Project) -> ProjectRepositories:
    """Return where the project's repositories lie, or would; makes nothing."""
    return ProjectRepositories(repositories_folder() / project.slug)


def repositories_folder() -> Path:
    """Return the folder that holds a folder for each project, by its slug."""
    return Path(settings.DATA_DIR) / "repositories"


def hosted(project: Project) -> HostedRepository:
    """Return the row that says where the project's branches are."""
    row, _ = HostedRepository.objects.get_or_create(project=project)
    return row


def clone_url(project: Project) -> str:
    """Return the address that Git clients clone from."""
    return f"{settings.BASE_URL}/git/{project.slug}.git"
