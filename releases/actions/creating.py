"""Creating a release from the pool of its target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from approvals.actions import open_request
from environments import access
from environments.errors import Archived
from environments.locking import hold_project
from environments.models import Project, TenantEnvironment
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.errors import ValidationError
from gitopshq.core.models import User
from gitopshq.core.years import check_year
from releases import client_policy, quorum
from releases.baseline import on_current_source
from releases.cutting import Cut, cut, write_changes
from releases.events import ReleaseEvent
from releases.models import Release
from releases.people import authors_of, barred_from
from releases.rendered import bind_digest


@dataclass(frozen=True)
class Content:
    """What a person says about a release; everything else is read from the pool."""

    title: str
    notes: str = ""
    ticket: str = ""
    rollback_plan: str = ""
    fallback_owner: str = ""
    planned_start: datetime | None = None
    planned_end: datetime | None = None
    policy_snapshot: Any = None

    def check(self) -> None:
        """Refuse what no release may be called or carry.

        :raises ValidationError: without a title of one line, or a window that ends
            before it starts
        :raises TooLarge: for a policy snapshot over 256 KiB
        """
        if not self.title.strip():
            raise ValidationError.of("/title", "a release needs a title")
        if any(ord(character) < 32 for character in self.title):  # noqa: PLR2004
            raise ValidationError.of("/title", "a title is one line of plain text")
        start, end = self.planned_start, self.planned_end
        check_year(start, "/plannedWindow/start")
        check_year(end, "/plannedWindow/end")
        if start is not None and end is not None and end <= start:
            raise ValidationError.of("/plannedWindow/end", "ends before it starts")
        client_policy.check_size(self.policy_snapshot)


@on_current_source
def create_release(
    target: TenantEnvironment,
    *,
    actor: User,
    content: Content,
    change_ids: Sequence[str] | None = None,
) -> Release:
    """Freeze a selection of the pool as a release (domain 7).

    In a gated environment it starts pending approval, elsewhere as a draft.

    :raises NotPermitted: without ``releases.create``
    :raises Archived: where the project, tenant or environment is put away
    :raises DomainError: every refusal of ``cutting.cut``
    """
    return make_release(target, actor=actor, content=content, change_ids=change_ids)


@on_current_source
def create_releases(
    project: Project,
    *,
    targets: Sequence[TenantEnvironment],
    actor: User,
    content: Content,
    change_ids: Sequence[str] | None = None,
) -> list[Release]:
    """Create one release for each target under one note; all of them, or none.

    :raises DomainError: every refusal of ``create_release``
    """
    hold_project(project.pk)
    return [
        make_release(target, actor=actor, content=content, change_ids=change_ids)
        for target in targets
    ]


def make_release(
    target: TenantEnvironment,
    *,
    actor: User,
    content: Content,
    change_ids: Sequence[str] | None = None,
    recreates: Release | None = None,
) -> Release:
    """Do the work of ``create_release`` in the caller's transaction and baseline."""
    hold_project(target.project_id)
    access.require(actor, Permission.CREATE_RELEASE, on=target.environment)
    content.check()
    refuse_archived(target)
    authors = [actor, *(authors_of(recreates) if recreates else ())]
    found = cut(target, change_ids=change_ids, authors=authors)
    return write_release(
        target, actor=actor, content=content, found=found, recreates=recreates
    )


def write_release(
    target: TenantEnvironment,
    *,
    actor: User,
    content: Content,
    found: Cut,
    recreates: Release | None = None,
    **kind: Any,
) -> Release:
    """Write the release that was cut as *found*, and ask for approval where needed.

    *kind* holds the fields of a release that is no normal one. Needs the project lock.
    """
    release = Release(
        project=target.project,
        target=target,
        number=_next_number(target.project),
        author=actor,
        recreated_from=recreates,
        snapshot=found.snapshot,
        rendering=found.rendering,
        **found.fields,
        **vars(content),
        **kind,
    )
    gated = quorum.terms_of(release).is_gated
    if gated:
        release.submit()
    release.save(force_insert=True)
    write_changes(release, found.chosen)
    release = bind_digest(release)
    if gated:
        open_request(release, actor=actor)
    audit.record(
        ReleaseEvent.CREATED,
        release,
        actor=actor,
        project=target.project.slug,
        after={"state": release.status, "title": release.title},
        target=str(target),
        changes=[row.change.summary for row in found.chosen],
        rollbackTo=release.rollback_to.name if release.rollback_to else None,
        rollbackScope=release.rollback_scope or None,
        frozen=release.frozen_at_cut,
        barred=barred_from(release),
        baseline=release.baseline_source_sha,
    )
    return release


def refuse_archived(target: TenantEnvironment) -> None:
    """Refuse a release where its project, tenant or environment is put away.

    :raises Archived: when it is
    """
    for row in (target.project, target.tenant, target.environment):
        if row.archived_at is not None:
            raise Archived(noun=f"{row._meta.verbose_name} {row}")


def _next_number(project: Project) -> int:
    """Return the next number of the project, never used before; needs its lock."""
    Project.objects.filter(pk=project.pk).update(
        release_sequence=F("release_sequence") + 1
    )
    return Project.objects.values_list("release_sequence", flat=True).get(pk=project.pk)
