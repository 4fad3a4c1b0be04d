"""Marking changed files as viewed. It binds nobody and is in no trail: a bookmark."""

from django.db import transaction

from environments import access
from environments.permissions import Permission
from gitopshq.core.errors import ConcurrentUpdate
from gitopshq.core.models import User
from releases.models import Release, ViewedFile
from releases.selectors.content import Level, diffs_of
from releases.selectors.viewed import content_of


@transaction.atomic
def mark_viewed(
    release: Release,
    *,
    actor: User,
    level: Level,
    path: str,
    content: str,
    is_viewed: bool,
) -> None:
    """Note that *actor* has viewed a file of a diff, or take the note away.

    *content* is what was on the page (``selectors.viewed.content_of``).

    :raises NotPermitted: without ``releases.view``
    :raises ConcurrentUpdate: when the file is not any more what was looked at
    """
    access.require(actor, Permission.VIEW_RELEASE, on=release.target.environment)
    found = [file for file in diffs_of(release, level) if file.path == path]
    if [content_of(release.target, level, file) for file in found] != [content]:
        raise ConcurrentUpdate(what=path or "the file")
    if is_viewed:
        ViewedFile.objects.get_or_create(user=actor, content=content)
    else:
        ViewedFile.objects.filter(user=actor, content=content).delete()
