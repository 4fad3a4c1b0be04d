"""Releasing an image that a build pipeline has just bumped, and nothing else."""

from collections.abc import Sequence

from environments import access
from environments.actions import ImageBump
from environments.desired.change import ASSIGNMENT, WORKLOAD
from environments.locking import lock_project
from environments.models import Project, TenantEnvironment, Workload
from environments.permissions import Permission
from environments.sourcing import layer_name
from gitopshq.core.errors import NotPermitted
from gitopshq.core.models import User
from releases import errors
from releases.actions.creating import Content, make_release
from releases.baseline import on_current_source
from releases.models import Release
from releases.pending import PendingChange, Pool, pool_of


def release_bump(workload: Workload, bump: ImageBump, /, *, actor: User) -> list[str]:
    """Release the image of *bump* wherever its layer reaches and *actor* may.

    What the image cannot be released without comes along. Answers with names.

    :raises NotPermitted: without ``releases.create`` in any place it reaches
    :raises NoChanges: where it runs already, everywhere
    :raises DomainError: every refusal of ``create_release``
    """
    made = _release(workload.project, workload=workload, bump=bump, actor=actor)
    return [release.name for release in made]


@on_current_source
def _release(
    project: Project, *, workload: Workload, bump: ImageBump, actor: User
) -> list[Release]:
    lock_project(project)
    content = Content(title=f"Bump {workload.name} to {bump.after}"[:200])
    made = [
        make_release(target, actor=actor, content=content, change_ids=ids)
        for target in _reached(project, workload, bump, actor)
        if (ids := _needed(pool_of(target), workload.name, bump))
    ]
    if not made:
        raise errors.NoChanges
    return made


def _reached(
    project: Project, workload: Workload, bump: ImageBump, actor: User
) -> Sequence[TenantEnvironment]:
    layer = bump.layer
    places = {"tenant": layer.tenant, "environment": layer.environment}
    open_to = access.targets_open_to(actor, Permission.CREATE_RELEASE)
    reached = open_to.filter(
        project=project,
        workload_bindings__workload=workload,
        **{name: place for name, place in places.items() if place is not None},
    )
    found = list(
        reached.select_related("project", "tenant", "environment").order_by("pk")
    )
    if not found:
        raise NotPermitted(permission=Permission.CREATE_RELEASE.value)
    return found


def _needed(pool: Pool, workload: str, bump: ImageBump) -> list[str]:
    """Return the ids of the bump's own changes and of all they depend on."""
    wanted = [row.change.id for row in _own(pool, workload, bump)]
    found: dict[str, None] = {}
    while wanted:
        change_id = wanted.pop()
        if change_id not in found:
            found[change_id] = None
            wanted += pool.by_id[change_id].change.depends_on
    return list(found)


def _own(pool: Pool, workload: str, bump: ImageBump) -> list[PendingChange]:
    layer = layer_name(
        tenant=bump.layer.tenant.slug if bump.layer.tenant else None,
        environment=bump.layer.environment.slug if bump.layer.environment else None,
    )
    rows = [
        row
        for row in pool.rows
        if row.change.type == WORKLOAD and row.change.object == workload
    ]
    in_layer = [row for row in rows if row.change.layer == layer]
    at_path = [row for row in in_layer if _meets(row.change.path, bump.path)]
    # A text that cannot be taken apart is one change; a new workload is another.
    whole = [row for row in in_layer if row.change.path == ""]
    new = [row for row in rows if row.change.facet == ASSIGNMENT]
    return at_path or whole or new


def _meets(one: str, other: str) -> bool:
    """Say whether one of two JSON Pointers is in the other; the root is in none."""
    short, long = sorted((one, other), key=len)
    return bool(short) and (long == short or long.startswith(f"{short}/"))
