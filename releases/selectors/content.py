"""The three diffs of a release, or of a preview that is no release yet (S36).

Plain: what authors changed. Resolved: what it means with variables put in. Manifest:
what will be committed, read from the rendered trees themselves.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

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


class Diffs:
    """The three diffs between two snapshots and their trees, each worked out once.

    Texts are read in one go, however many of the diffs are asked for.
    """

    def __init__(
        self,
        project: Project,
        *,
        before: Snapshot | None,
        after: Snapshot,
        trees: tuple[str, str],
    ) -> None:
        self.texts = DatabaseTexts()
        self._project = project
        self._snapshots = (before, after)
        self._trees = trees
        self._found: dict[Level, list[FileDiff]] = {}

    @classmethod
    def of_release(cls, release: Release) -> "Diffs":
        """Return those of *release* against its base."""
        return cls(
            release.project,
            before=release.base_snapshot,
            after=release.snapshot,
            trees=(_tree(release.base_release), _tree(release)),
        )

    @classmethod
    def of_preview(
        cls, deployed: DeployedState | None, snapshot: Snapshot, rendering: Rendering
    ) -> "Diffs":
        """Return those between what is deployed and *snapshot*."""
        ready = rendering.state == RenderingState.READY
        return cls(
            snapshot.project,
            before=deployed.snapshot if deployed else None,
            after=snapshot,
            trees=(
                _tree(deployed.release) if deployed else "",
                rendering.tree if ready else "",
            ),
        )

    def at(self, level: Level) -> list[FileDiff]:
        """Return the diff of *level*.

        Files of different targets are laid side by side by the role they play.

        :raises RenderingLost: when what was rendered is not there any more
        """
        if level not in self._found:
            self._found[level] = diff_files(*self._sides(level))
        return self._found[level]

    def _sides(self, level: Level) -> tuple[Mapping[str, str], Mapping[str, str]]:
        if level == Level.MANIFEST:
            return _manifests(self._project, *self._trees)
        before, after = self._states
        shown = (
            resolving.plain_files if level == Level.PLAIN else resolving.resolved_files
        )
        was = shown(before, self.texts) if before else {}
        will_be = shown(after, self.texts)
        if before is not None and before.place != after.place:
            return _by_role(before, was), _by_role(after, will_be)
        return was, will_be

    @cached_property
    def _states(self) -> tuple[State | None, State]:
        """Both sides, their texts loaded."""
        before, after = self._snapshots
        was = State.from_json(before.document) if before else None
        will_be = State.from_json(after.document)
        known = was.text_digests if was else frozenset()
        self.texts.prefetch({*known, *will_be.text_digests})
        return was, will_be


def diffs_of(release: Release, level: Level) -> list[FileDiff]:
    """Return one of the three diffs of *release* against its base.

    :raises RenderingLost: when what was rendered is not there any more
    """
    return Diffs.of_release(release).at(level)


def marks_left_between(project: Project, deployed: str, tree: str) -> list[str]:
    """Say what deploying *tree* over another cannot take back; [] if it is unknown.

    A tree that is not rendered yet is empty.
    """
    if not tree:
        return []
    try:
        return marks_left(manifests_that_differ(project, deployed, tree))
    except (NoSuchObject, FileNotFoundError):
        # The diff itself says that they cannot be shown.
        return []


def _by_role(state: State, files: Mapping[str, str]) -> dict[str, str]:
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
