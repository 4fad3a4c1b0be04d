"""Asking what causes each changed manifest line of a release.

Worked out on demand, for a content once. The answer is read in
``selectors.causes``.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from environments.desired.change import ENVIRONMENT_POLICY
from environments.desired.state import canonical_digest
from releases import errors
from releases.bells import ring_soon
from releases.models import CauseSearch, Release, SearchState
from releases.refusals import rendering_refusal

FORMAT: Final = 1
"""Moves when what is worked out does, so that kept answers are not taken for new."""
MAX_CHANGES: Final = 30
TRY_AGAIN_AFTER: Final = timedelta(seconds=30)
"""So that whoever polls sees why it failed."""


@transaction.atomic
def request_causes(release: Release) -> CauseSearch:
    """Return the search for what *release* changes, begun on commit if need be.

    One that failed a while ago is begun again.

    :raises TooManyChanges: for a release of more than ``MAX_CHANGES``
    :raises RenderingNotReady: while there are no manifests
    :raises RenderingFailed: when there cannot be any
    """
    refuse_too_many(release)
    refusal = rendering_refusal(release.rendering)
    if refusal is not None:
        raise refusal
    search, is_new = CauseSearch.objects.get_or_create(
        project=release.project,
        digest=_digest(release),
        defaults={
            **_trees(release),
            "before": release.base_snapshot,
            "after": release.snapshot,
        },
    )
    if search.state == SearchState.FAILED:
        search, is_new = _begun_again(search.pk)
    if is_new:
        ring_soon("find_causes", search_id=search.pk)
    return search


def _begun_again(pk: int) -> tuple[CauseSearch, bool]:
    """Return a failed search, pending again if that may help; guarded: once."""
    rows = CauseSearch.objects.filter(
        pk=pk,
        state=SearchState.FAILED,
        finished_at__lt=timezone.now() - TRY_AGAIN_AFTER,
    )
    begun = rows.update(
        state=SearchState.PENDING,
        error="",
        attempts=0,
        lease_until=None,
        finished_at=None,
    )
    return CauseSearch.objects.get(pk=pk), bool(begun)


def known_causes(release: Release) -> CauseSearch | None:
    """Return the search for what *release* changes, if somebody asked for it."""
    if not release.rendering.tree:
        return None
    rows = CauseSearch.objects.filter(
        project_id=release.project_id, digest=_digest(release)
    )
    return rows.first()


def refuse_too_many(
    release: Release, told: Iterable[Mapping[str, Any]] | None = None
) -> None:
    """Refuse a release of more changes than are told apart; the policy is none.

    *told*, the changes of *release*, spare the query where the caller has them.

    :raises TooManyChanges: with how many there are
    """
    if told is None:
        count = release.changes.exclude(type=ENVIRONMENT_POLICY).count()
    else:
        count = sum(row["type"] != ENVIRONMENT_POLICY for row in told)
    if count > MAX_CHANGES:
        raise errors.TooManyChanges(count=count, limit=MAX_CHANGES)


def _digest(release: Release) -> str:
    before = release.base_snapshot
    snapshots = {
        "before": before.digest if before else None,
        "after": release.snapshot.digest,
    }
    return canonical_digest({"format": FORMAT, **_trees(release), **snapshots})


def _trees(release: Release) -> dict[str, str]:
    base = release.base_release
    return {
        "tree_before": base.rendering.tree if base else "",
        "tree_after": release.rendering.tree,
        "secrets_in_git": release.rendering.conditions["secretsInGit"],
    }
