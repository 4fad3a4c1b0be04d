"""The three diffs of a release, or of a preview that is no release yet (S36).

Plain: what authors changed. Resolved: what it means with variables put in. Manifest:
what will be committed, read from the rendered trees themselves.
"""

from collections.abc import Mapping
from enum import StrEnum

from delivery.diffs import FileDiff, diff_files
from delivery.git.repository import NoSuchObject
from delivery.manifests import manifest_texts, manifests_that_differ
from delivery.models import Rendering, RenderingState
from environments.desired import resolving
from environments.desired.source_layout import role_of
from environments.desired.state import State
from environments.models import Project
from environments.stored import DatabaseTexts
from releases.errors import RenderingLost
from releases.irreversible import marks_left
from releases.models import DeployedState, Release, Snapshot


class Level(StrEnum):
    PLAIN = "plain"
    RESOLVED = "resolved"
    MANIFEST = "manifest"


def diffs_of(release: Release, level: Level) -> list[FileDiff]:
    """Return one of the three diffs of *release* against its base.

    :raises RenderingLost: when what was rendered is not there any more
    """
    return snapshot_diffs(
        release.project,
        level,
        before=release.base_snapshot,
        after=release.snapshot,
        trees=(_tree(release.base_release), _tree(release)),
    )


def preview_diffs(
    deployed: DeployedState | None,
    snapshot: Snapshot,
    rendering: Rendering,
    level: Level,
) -> list[FileDiff]:
    """Return one of the three diffs between what is deployed and *snapshot*."""
    ready = rendering.state == RenderingState.READY
    return snapshot_diffs(
        snapshot.project,
        level,
        before=deployed.snapshot if deployed else None,
        after=snapshot,
        trees=(
            _tree(deployed.release) if deployed else "",
            rendering.tree if ready else "",
        ),
    )


def snapshot_diffs(
    project: Project,
    level: Level,
    *,
    before: Snapshot | None,
    after: Snapshot,
    trees: tuple[str, str],
) -> list[FileDiff]:
    """Return one of the three diffs between two snapshots and their trees.

    Files of different targets are laid side by side by the role they play.

    :raises RenderingLost: when what was rendered is not there any more
    """
    if level == Level.MANIFEST:
        return diff_files(*_manifests(project, *trees))
    texts = DatabaseTexts()
    states = [State.from_json(s.document) if s else None for s in (before, after)]
    for state in states:
        if state is not None:
            texts.prefetch(state.text_digests)
    shown = resolving.plain_files if level == Level.PLAIN else resolving.resolved_files
    found = [(s, shown(s, texts)) if s else (None, {}) for s in states]
    if len({state.place for state in states if state}) > 1:
        return diff_files(*(_by_role(state, files) for state, files in found))
    return diff_files(*(files for _, files in found))


def marks_left_between(deployed: Release, tree: str) -> list[str]:
    """Say what deploying *tree* over *deployed* cannot take back; [] if it is unknown.

    A tree that is not rendered yet is empty.
    """
    if not tree:
        return []
    try:
        return marks_left(
            manifests_that_differ(deployed.project, deployed.rendering.tree, tree)
        )
    except (NoSuchObject, FileNotFoundError):
        # The diff itself says that they cannot be shown.
        return []


def _by_role(state: State | None, files: Mapping[str, str]) -> dict[str, str]:
    if state is None:
        return {}
    place = {"tenant": state.tenant, "environment": state.environment}
    return {role_of(path, **place): text for path, text in files.items()}


def _manifests(
    project: Project, before: str, after: str
) -> tuple[dict[str, str], dict[str, str]]:
    if not after:
        return {}, {}
    try:
        return manifest_texts(project, before, after)
    except (NoSuchObject, FileNotFoundError) as gone:
        raise RenderingLost from gone


def _tree(release: Release | None) -> str:
    return release.rendering.tree if release is not None else ""
