"""What the end of a rendering means for the releases that wait for it."""

from approvals.actions import complete_approval, refresh_request
from approvals.subjects import request_for
from delivery.models import Rendering
from gitopshq.core import audit
from releases import quorum
from releases.digests import release_digest
from releases.events import ReleaseEvent
from releases.locking import fresh
from releases.models import CANCELLABLE, Release, Status


def rendering_ended(rendering: Rendering) -> None:
    """Bind digests and tell approvers, in the transaction that ends the rendering.

    That one holds the project lock, as whoever moves a release must.
    """
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
    return _settle(release) if release.status == Status.PENDING_APPROVAL else release


def _settle(release: Release) -> Release:
    """Approve at once what waits for approval where none is needed any more."""
    if not release.digest or quorum.required_by(quorum.terms_of(release)):
        return release
    request = request_for(release)
    if request is None:
        return release
    complete_approval(request, actor=None)
    return fresh(release.pk)
