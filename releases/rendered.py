"""What the end of a rendering means for the releases that wait for it."""

from approvals.actions import refresh_request
from delivery.models import Rendering
from environments.locking import lock_project
from gitopshq.core import audit
from releases.approval import settle
from releases.digests import release_digest
from releases.events import ReleaseEvent
from releases.locking import fresh
from releases.models import CANCELLABLE, Release, Status


def rendering_ended(rendering: Rendering) -> None:
    """Bind digests and tell approvers, in the transaction that ends the rendering."""
    lock_project(rendering.project)
    waiting = Release.objects.filter(
        rendering=rendering, status__in=[*CANCELLABLE], digest=""
    ).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        bind_digest(fresh(pk))


def bind_digest(release: Release) -> Release:
    """Compute what votes bind to; the request learns it, approvers are told.

    Where nobody needs to agree any more, the system approves what was waiting.
    """
    is_new = not release.digest
    release.digest = release_digest(release)
    release.save(update_fields=["digest"])
    refresh_request(release, actor=None)
    if release.digest and is_new:
        audit.record(
            ReleaseEvent.RENDERED,
            release,
            actor=None,
            project=release.project.slug,
            digest=release.digest,
            tree=release.rendering.tree,
        )
    return settle(release) if release.status == Status.PENDING_APPROVAL else release
