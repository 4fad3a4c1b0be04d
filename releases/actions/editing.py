"""Editing a draft: its words and plan, or its selection."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from enum import Enum
from typing import Any, Final

from environments import access
from environments.permissions import Permission
from gitopshq.core import audit
from gitopshq.core.errors import InvalidState, ValidationError
from gitopshq.core.models import User
from releases.actions.creating import Content
from releases.baseline import on_current_source
from releases.cutting import cut, write_changes
from releases.events import ReleaseEvent
from releases.locking import fresh, lock_release
from releases.models import Release, ReleaseKind, Status
from releases.people import authors_of, barred_from
from releases.rendered import bind_digest


class Kept(Enum):
    """What a caller says nothing about stays as it is; None would be a value."""

    KEEP = "keep"


KEEP: Final = Kept.KEEP
WORDS: Final = (
    "title",
    "notes",
    "ticket",
    "rollback_plan",
    "fallback_owner",
    "planned_start",
    "planned_end",
)


@on_current_source
def edit_release(
    release: Release,
    *,
    actor: User,
    changed: dict[str, Any],
    change_ids: Sequence[str] | Kept | None = KEEP,
) -> Release:
    """Change a draft. A selection re-cuts it from current source; words do not.

    *changed* maps names of ``Content`` to new values. Without *change_ids* the
    selection stays; None is everything that is free.

    :raises NotPermitted: without ``releases.create``
    :raises InvalidState: unless the release is a draft
    :raises DomainError: every refusal of ``cutting.cut``
    """
    release = lock_release(release)
    access.require(actor, Permission.CREATE_RELEASE, on=release.target.environment)
    if release.status != Status.DRAFT:
        raise InvalidState(noun="release", participle="edited")
    before = {name: getattr(release, name) for name in WORDS}
    content = replace(
        Content(**before, policy_snapshot=release.policy_snapshot), **changed
    )
    content.check()
    for name, value in vars(content).items():
        setattr(release, name, value)
    release.version += 1
    fields = [*asdict(content), "version"]

    if change_ids is not KEEP and release.kind == ReleaseKind.ROLLBACK:
        raise ValidationError.of("/changeIds", "a rollback takes no pending changes")
    if change_ids is not KEEP:
        authors = [*authors_of(release), actor]
        found = cut(
            release.target, change_ids=change_ids, authors=authors, besides=release
        )
        for name, value in found.fields.items():
            setattr(release, name, value)
        release.snapshot, release.rendering = found.snapshot, found.rendering
        fields += [*found.fields, "snapshot", "rendering"]
        write_changes(release, found.chosen)
    else:
        release.barred |= {str(actor.pk): "made this release"}
        fields.append("barred")
    release.save(update_fields=fields)
    release = bind_digest(fresh(release.pk))
    audit.record(
        ReleaseEvent.EDITED,
        release,
        actor=actor,
        project=release.project.slug,
        before=_shown(before),
        after=_shown({name: getattr(release, name) for name in WORDS}),
        barred=barred_from(release),
        changes=None
        if change_ids is KEEP
        else list(release.changes.values_list("change_id", flat=True)),
    )
    return release


def _shown(words: dict[str, Any]) -> dict[str, str | None]:
    return {
        name: None if value is None else str(value) for name, value in words.items()
    }
