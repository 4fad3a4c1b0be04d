"""The locks of a release transition, in their one order: project, then release."""

from environments.locking import hold_project
from releases.following import FOLLOWED, UNREAD, as_one
from releases.models import Release


def lock_release(release: Release) -> Release:
    """Lock the project, then return *release* as it is now, with what it follows."""
    hold_project(release.project_id)
    return fresh(release.pk)


def lock_by_key(pk: int) -> Release:
    """Do what ``lock_release`` does for who has nothing but the release's key."""
    hold_project(Release.objects.values_list("project", flat=True).get(pk=pk))
    return fresh(pk)


def fresh(pk: int) -> Release:
    """Return the release as it is now; django-fsm forbids ``refresh_from_db``."""
    found = Release.objects.select_related(*FOLLOWED).defer(*UNREAD)
    return as_one(found.get(pk=pk))
