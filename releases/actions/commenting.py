"""Saying something about a release. What was said is never edited nor deleted."""

import hashlib

from django.db import transaction

from environments import access
from environments.permissions import Permission
from gitopshq.core import audit, notifying
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User
from releases.events import ReleaseEvent
from releases.locking import lock_release
from releases.models import Release, ReleaseComment
from releases.people import listeners_of

LONGEST = 20_000
"""Characters of a comment."""
_TOLD = 500


@transaction.atomic
def comment_on(release: Release, *, actor: User, body: str) -> ReleaseComment:
    """Add a comment, and tell the author and whoever voted, if they may still look.

    The audit entry holds the text's digest: texts may hold what a trail must not,
    and yet none can be exchanged unseen.

    :raises NotPermitted: without ``releases.view``
    :raises ValidationError: when nothing is said
    """
    release = lock_release(release)
    access.require(actor, Permission.VIEW_RELEASE, on=release.target.environment)
    if not body.strip():
        raise ValidationError.of("/body", "say something", code="blank")
    comment = ReleaseComment.objects.create(release=release, author=actor, body=body)
    audit.record(
        ReleaseEvent.COMMENTED,
        release,
        actor=actor,
        project=release.project.slug,
        comment=comment.pk,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
    )
    notifying.notify(
        listeners_of(release).exclude(pk=actor.pk),
        ReleaseEvent.COMMENTED,
        project=release.project.slug,
        title=f"{actor.label} on {release}",
        body=body[:_TOLD],
        url=f"{release.get_absolute_url()}#comment-{comment.pk}",
    )
    return comment
