"""Taking releases through approval and deploy, and waiting for the workers at it."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from approvals import actions as approvals
from approvals.models import ApprovalRequest
from approvals.subjects import request_for
from delivery.models import Rendering, RenderingState
from environments.models import Edit, Project, TenantEnvironment
from gitopshq.core.models import User
from releases import actions
from releases.actions import Content
from releases.locking import fresh
from releases.models import Release, Status

PATIENCE: Final = 90.0  # seconds for all renderings, or all deploys, of one step
_PAUSE: Final = 0.1  # seconds between two looks


class CannotGoOn(Exception):
    """The text says what went wrong and where to look."""


class NotYet(CannotGoOn):
    """What was waited for did not come in time. It may still come."""


_is_waiting: Final = ContextVar("is_waiting", default=True)


@contextmanager
def at_once() -> Iterator[None]:
    """Have nothing waited for: ``NotYet`` is raised instead."""
    token = _is_waiting.set(False)
    try:
        yield
    finally:
        _is_waiting.reset(token)


def find(target: TenantEnvironment, title: str) -> Release | None:
    """Return the demo's release of that title, if it was made before."""
    found = Release.objects.filter(target=target, title=title).values_list("pk").first()
    return fresh(found[0]) if found else None


def ensure(
    target: TenantEnvironment,
    content: Content,
    *,
    actor: User,
    change_ids: Sequence[str] | None = None,
) -> Release:
    """Return the release of that title in *target*, made if need be.

    :raises CannotGoOn: when the edits do not become commits
    """
    mirrored(target.project)
    return find(target, content.title) or actions.create_release(
        target, actor=actor, content=content, change_ids=change_ids
    )


def mirrored(project: Project) -> None:
    """Wait until every edit is a commit.

    :raises CannotGoOn: when that takes too long
    """
    # Workers mirror edits too: whoever is second would wait, and then be refused.
    unmirrored = Edit.objects.filter(project=project, source_commit="")
    _wait(lambda: not unmirrored.exists(), f"{unmirrored.count()} commits of edits")


def rendered(releases: Collection[Release]) -> list[Release]:
    """Return *releases* once workers have rendered all of them.

    :raises CannotGoOn: when one fails, or it takes too long
    """
    wanted = {release.rendering_id for release in releases}

    def is_done() -> bool:
        rows = Rendering.objects.filter(pk__in=wanted)
        return not rows.filter(state=RenderingState.PENDING).exists()

    _wait(is_done, f"{len(wanted)} renderings")
    for failed in Rendering.objects.filter(pk__in=wanted, state=RenderingState.FAILED):
        raise CannotGoOn(f"a rendering failed: {failed.errors}")
    return [fresh(release.pk) for release in releases]


def approved(release: Release, voters: Sequence[tuple[User, str]]) -> Release:
    """Vote for a rendered release until it is approved; each voter has a comment.

    Whose vote stands does not vote again.
    """
    release = fresh(release.pk)
    for person, comment in voters:
        if release.status != Status.PENDING_APPROVAL:
            break
        request = request_of(release)
        standing = request.decisions.filter(withdrawn_at=None, voided_at=None)
        if not standing.filter(approver=person).exists():
            approvals.approve(
                request, actor=person, digest=release.digest, comment=comment
            )
            release = fresh(release.pk)
    return release


def deployed(releases: Collection[tuple[Release, User]]) -> None:
    """Have approved releases deployed, each by somebody, and wait for all of them.

    :raises CannotGoOn: when one fails, or it takes too long
    """
    for release, person in releases:
        if release.status == Status.APPROVED:
            actions.deploy_release(release, actor=person)
    rows = Release.objects.filter(pk__in=[release.pk for release, _ in releases])
    _wait(
        lambda: not rows.filter(status=Status.DEPLOYING).exists(),
        f"{len(releases)} deploys",
    )
    for failed in rows.filter(status=Status.FAILED):
        raise CannotGoOn(f"{failed} failed: {failed.failure_detail}")


def request_of(release: Release) -> ApprovalRequest:
    """Return the open question about a release that is pending approval."""
    request = request_for(release)
    assert request is not None, f"{release} was never submitted"
    return request


def _wait(is_done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + (PATIENCE if _is_waiting.get() else 0.0)
    while not is_done():
        if time.monotonic() > deadline:
            raise NotYet(
                f"{what} are not done after {PATIENCE:.0f} seconds: is a worker "
                "running? See worker.log in the data folder's logs"
            )
        time.sleep(_PAUSE)
