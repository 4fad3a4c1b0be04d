"""The locks of a release transition, in their one order: project, then release."""

from environments.locking import lock_project
from releases.following import FOLLOWED, UNREAD
from releases.models import Release


def lock_release(release: Release) -> Release:
    """Lock the project, then return *release* as it is now, with what it follows."""
    lock_project(release.project)
    return fresh(release.pk)


def fresh(pk: int) -> Release:
    """Return the release as it is now; django-fsm forbids ``refresh_from_db``."""
    return Release.objects.select_related(*FOLLOWED).defer(*UNREAD).get(pk=pk)
