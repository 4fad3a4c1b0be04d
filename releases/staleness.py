"""Whether a release may still be deployed for what it was cut from (domain 4).

Rule 1: the inputs that reach its target, policy aside, differ from those at its
baseline. Rule 2: another release of the target was deployed since. Rollbacks go stale
by rule 2 only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from delivery import source_mirror
from environments import capture
from environments.desired.change import ENVIRONMENT_POLICY
from environments.desired.changes import diff
from environments.desired.state import State
from environments.models import Project
from environments.stored import DatabaseTexts
from gitopshq.core.rows import one_of
from releases.editors import last_edits
from releases.following import deployed_in
from releases.models import CANCELLABLE, DeployedState, Release, ReleaseKind

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Staleness:
    """Why a release is stale: what moved since, and who moved it.

    ``moved_by`` names who moved each of ``moved``, "" where nobody is known; ``by`` is
    everybody once. ``current_sha`` is the commit of ``current_edit``, the newest; it is
    empty while that edit, which counts already, is no commit yet.
    """

    moved: tuple[str, ...]
    by: tuple[str, ...]
    baseline_sha: str
    current_sha: str
    overtaken_by: str | None = None
    current_edit: int = 0
    moved_by: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        people = f" by {', '.join(self.by)}" if self.by else ""
        if self.overtaken_by:
            return f"{self.overtaken_by} was deployed here since{people}"
        return f"{'; '.join(self.moved) or 'its inputs'}{people}"

    def to_json(self) -> dict[str, Any]:
        return {
            "code": "stale_release_source",
            "moved": list(self.moved),
            "movedBy": list(self.moved_by),
            "by": list(self.by),
            "baselineSourceSha": self.baseline_sha,
            "currentSourceSha": self.current_sha or None,
            "currentEdit": self.current_edit,
            "overtakenBy": self.overtaken_by,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return what ``to_json`` wrote."""
        return cls(
            moved=tuple(document["moved"]),
            by=tuple(document["by"]),
            baseline_sha=document["baselineSourceSha"],
            current_sha=document["currentSourceSha"] or "",
            overtaken_by=document["overtakenBy"],
            current_edit=document.get("currentEdit", 0),
            moved_by=tuple(document.get("movedBy", ())),
        )


def staleness_of(release: Release) -> Staleness | None:
    """Return why *release* is stale, or None; everything is read now."""
    rows = DeployedState.objects.select_related("release__deployed_by")
    return staleness_against(release, one_of(rows.filter(target=release.target)))


def staleness_shown(release: Release) -> Staleness | None:
    """Return what ``staleness_of`` would, from what *release* was read with.

    Inputs move by edits alone. Where there was none since the baseline, or since the
    flags were worked out that lists show, nothing is compared again.
    """
    deployed, edit = deployed_in(release), release.project.edit_sequence
    if is_overtaken(release, deployed) or release.kind == ReleaseKind.ROLLBACK:
        return staleness_against(release, deployed)
    if release.baseline_edit == edit:
        return None
    is_flagged = release.target.counted_at_edit == edit
    if release.status not in CANCELLABLE or not is_flagged:
        return staleness_against(release, deployed)
    if not release.is_stale:
        return None
    known = Staleness.from_json(release.stale_reason or {})
    sha = known.current_sha or source_mirror.source_commit_of(release.project, edit)
    return replace(known, current_sha=sha)


def is_overtaken(release: Release, deployed: DeployedState | None) -> bool:
    """Say whether another release than the base of *release* is *deployed* there."""
    return deployed is not None and deployed.release_id != release.base_release_id


def staleness_against(
    release: Release, deployed: DeployedState | None, *, now: State | None = None
) -> Staleness | None:
    """Return why *release* is stale where *deployed* is what its target runs, or None.

    *now*, the desired state, spares the queries where the caller has it.
    """
    target = release.target
    if deployed is not None and is_overtaken(release, deployed):
        current_edit, current_sha = newest_edit(release.project)
        deployer = deployed.release.deployed_by
        who = deployer.label if deployer else "the system"
        return Staleness(
            moved=(f"{deployed.release.name} {deployed.release.title}",),
            moved_by=(who,),
            by=(who,),
            baseline_sha=release.baseline_source_sha,
            current_sha=current_sha,
            overtaken_by=deployed.release.name,
            current_edit=current_edit,
        )
    if release.kind == ReleaseKind.ROLLBACK:
        return None
    now = now or capture.state_of(target)
    if now.rendering_digest == release.baseline_digest:
        return None
    moved, moved_by, by = _moved_since(release, now)
    current_edit, current_sha = newest_edit(release.project)
    return Staleness(
        moved=moved,
        moved_by=moved_by,
        by=by,
        baseline_sha=release.baseline_source_sha,
        current_sha=current_sha,
        current_edit=current_edit,
    )


def newest_edit(project: Project) -> tuple[int, str]:
    """Return the sequence of the newest edit and its commit, "" while it is none.

    It is the newest that *project* was read with.
    """
    sequence = project.edit_sequence
    return sequence, source_mirror.source_commit_of(project, sequence)


def _moved_since(
    release: Release, now: State
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what differs from the baseline, in words; who edited each; and who any."""
    baseline = release.baseline_snapshot
    if baseline is None:
        return (), (), ()
    was = State.from_json(baseline.document)
    changes = [
        change
        for change in diff(was, now, DatabaseTexts())
        if change.type != ENVIRONMENT_POLICY
    ]
    edits = last_edits(release.target, changes)
    people = {pk: edit.actor.label for pk, edit in edits.items() if edit.actor}
    return (
        tuple(change.summary for change in changes[:SHOWN]),
        tuple(people.get(change.id, "") for change in changes[:SHOWN]),
        tuple(dict.fromkeys(people.values())),
    )
