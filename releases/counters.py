"""The caches that lists show: pending counts per target, stale flags per release.

A release's author is told once each time it goes stale. The target's own page and API
do not read these; they compute.
"""

from itertools import product
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from approvals.actions import refresh_request
from environments import capture
from environments.desired.source_layout import reach_of
from environments.locking import hold_project
from environments.models import Edit, Project, TenantEnvironment
from gitopshq.core import audit, notifying
from releases.events import ReleaseEvent
from releases.foreseeing import OUTLOOK, keeps_content
from releases.locking import fresh
from releases.models import CANCELLABLE, Release, Status
from releases.pending import Pool, deployed_state_of, pool_from
from releases.staleness import Staleness, staleness_against
from releases.undoing import end_outdated_holds

_MANY_EDITS: Final = 1_000


def refresh(*, project_id: int | None = None) -> None:
    """Recompute what edits or deploys have outdated, one target a transaction."""
    projects = Project.objects.filter(archived_at=None)
    if project_id is not None:
        projects = projects.filter(pk=project_id)
    for project in projects.order_by("pk"):
        _pass_over_untouched(project)
        outdated = project.targets.exclude(counted_at_edit=project.edit_sequence)
        for pk in outdated.order_by("pk").values_list("pk", flat=True):
            refresh_target(pk)


def _pass_over_untouched(project: Project) -> None:
    """Count as looked at what no edit since could have moved, and nothing waits for."""
    edit = project.edit_sequence
    waiting = Release.objects.filter(target=OuterRef("pk"), status__in=[*CANCELLABLE])
    counted = project.targets.filter(counted_at_edit__range=(0, edit - 1))
    rows = counted.exclude(Exists(waiting)).values_list(
        "pk", "counted_at_edit", "tenant__slug", "environment__slug"
    )
    outdated = list(rows)
    if not outdated:
        return
    edits = Edit.objects.filter(
        project=project,
        sequence__gt=min(since for _, since, _, _ in outdated),
        sequence__lte=edit,
    ).values_list("sequence", "files")
    if edits.count() > _MANY_EDITS:
        return
    touched: dict[tuple[str | None, str | None], int] = {}
    for sequence, files in edits.order_by("sequence"):
        for path in files:
            touched[reach_of(path)] = sequence
    untouched = [
        pk
        for pk, since, tenant, environment in outdated
        if all(
            touched.get(place, 0) <= since
            for place in product((tenant, None), (environment, None))
        )
    ]
    # Somebody else may have counted meanwhile, or a release taken some: not these.
    counted.filter(pk__in=untouched).exclude(Exists(waiting)).update(
        counted_at_edit=edit
    )


@transaction.atomic
def refresh_target(pk: int) -> None:
    """Recompute one target's counters and its open releases' stale flags.

    What waits for votes learns how many it needs under the policy of now.
    """
    rows = TenantEnvironment.objects.select_related(*capture.FOLLOWED)
    hold_project(rows.values_list("project", flat=True).get(pk=pk))
    target = rows.get(pk=pk)
    waiting = Release.objects.filter(target=target, status__in=[*CANCELLABLE])
    releases = {
        key: fresh(key) for key in waiting.order_by("pk").values_list("pk", flat=True)
    }
    now, _ = capture.state_as_read(target)
    pool = pool_from(target, deployed_state_of(target), now, releases=releases)
    end_outdated_holds(target, pool)
    TenantEnvironment.objects.filter(pk=pk).update(
        pending_count=pool.count, counted_at_edit=target.project.edit_sequence
    )
    for release in releases.values():
        stale = staleness_against(release, pool.deployed, now=pool.now)
        _flag(release, stale, pool)
        if release.status == Status.PENDING_APPROVAL:
            refresh_request(release, actor=None)


def _flag(release: Release, stale: Staleness | None, pool: Pool) -> None:
    before = release.is_stale, release.stale_reason, release.stale_told_at
    release.is_stale = stale is not None
    release.stale_reason = None
    if stale is not None:
        same = keeps_content(release, pool=pool)
        release.stale_reason = {**stale.to_json(), OUTLOOK: same}
    tell = stale is not None and release.stale_told_at is None
    if stale is None:
        release.stale_told_at = None
    elif tell:
        release.stale_told_at = timezone.now()
    if before != (release.is_stale, release.stale_reason, release.stale_told_at):
        release.save(update_fields=["is_stale", "stale_reason", "stale_told_at"])
    if stale is not None and tell:
        audit.record(
            ReleaseEvent.WENT_STALE,
            release,
            actor=None,
            project=release.project.slug,
            **stale.to_json(),
        )
        notifying.notify(
            [release.author],
            ReleaseEvent.WENT_STALE,
            project=release.project.slug,
            title=f"Stale: {release}",
            body=stale.words,
            url=release.get_absolute_url(),
        )
