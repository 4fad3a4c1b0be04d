"""Some changes of a diff put into a state: what a release ships.

Unselected places keep what they hold, byte for byte. Which changes there are is told
by `changes`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from environments.desired import change as names
from environments.desired.change import Change, Place
from environments.desired.changes.differing import diff
from environments.desired.changes.images import grouped
from environments.desired.changes.variables import place_of
from environments.desired.changes.workloads import (
    NONDETERMINISM_PATH,
    layer_text,
    target_place,
    values_place,
)
from environments.desired.source_layout import values_file
from environments.desired.state import (
    LAYERS,
    ManifestState,
    OverlayState,
    PolicyState,
    State,
    VariableState,
    WorkloadState,
)
from environments.desired.text_store import MutableTexts, TextStore
from environments.desired.values import Inseparable, apply_values, pointer

__all__ = [
    "InseparableChanges",
    "MissingDependency",
    "MutableTexts",
    "TextStore",
    "UnknownChange",
    "apply",
    "check_chosen",
    "with_carried",
]


class MissingDependency(Exception):
    """Changes were chosen without what they need.

    `missing` names the ids that are not chosen, by the id of the change that needs
    them; one step, so what they need in turn is told next time.
    """

    def __init__(self, missing: Mapping[str, tuple[str, ...]]) -> None:
        self.missing = dict(missing)
        count = len({needed for ids in self.missing.values() for needed in ids})
        super().__init__(f"the selection needs {count} more of the pending changes")


class UnknownChange(Exception):
    """Chosen ids that are not in the diff; `ids` in order."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.ids = tuple(sorted(ids))
        super().__init__(f"no such pending change: {', '.join(self.ids)}")


class InseparableChanges(Exception):
    """Chosen changes of one values text cannot be taken out of it without others.

    `path` is the source path of the text, `pointer` the place in it.
    """

    def __init__(self, reason: str, *, path: str, pointer: str) -> None:
        self.reason = reason
        self.path = path
        self.pointer = pointer
        super().__init__(f"{path}{pointer and '#' + pointer}: {reason}")


def apply(
    a: State, b: State, chosen_ids: Collection[str], texts: MutableTexts
) -> State:
    """Return `a` with the chosen changes of `diff(a, b)` made.

    What a first release carries comes along unasked. Texts that neither state holds
    are added to `texts`; with all changes chosen the answer is `b`.

    :raises UnknownChange: an id that is not in the diff
    :raises MissingDependency: a change is chosen without what it needs
    :raises InseparableChanges: some changes of one values text need others of it
    """
    changes = diff(a, b, texts)
    chosen = with_carried(changes, chosen_ids)
    check_chosen(changes, chosen)
    if len(chosen) == len(changes):
        return b
    applying = _Applying(a, b, chosen, texts)
    return replace(
        a,
        target=b.target if applying.takes(target_place(b)) else a.target,
        workloads=applying.workloads(),
        overlays=applying.overlays(),
        manifests=applying.manifests(),
        variables=applying.variables(),
        policy=applying.policy(),
    )


def with_carried(
    changes: Iterable[Change], chosen_ids: Collection[str]
) -> frozenset[str]:
    """Return the chosen ids and those that the release carries whatever is chosen."""
    return frozenset(chosen_ids) | {c.id for c in changes if c.carried}


def check_chosen(changes: Iterable[Change], chosen_ids: Collection[str]) -> None:
    """Refuse a selection that cannot be released.

    :raises UnknownChange: an id that is not among the changes
    :raises MissingDependency: a change is chosen without what it needs
    """
    chosen = set(chosen_ids)
    known = {change.id: change for change in changes}
    if unknown := chosen - known.keys():
        raise UnknownChange(unknown)
    missing = {
        change.id: needed
        for change in known.values()
        if change.id in chosen
        and (needed := tuple(i for i in change.depends_on if i not in chosen))
    }
    if missing:
        raise MissingDependency(missing)


Part = TypeVar("Part", WorkloadState, OverlayState, ManifestState)


@dataclass(frozen=True)
class _Applying:
    """Makes the parts of the answer, kind by kind."""

    a: State
    b: State
    chosen: frozenset[str]
    texts: MutableTexts

    def takes(self, place: Place) -> bool:
        return place.id in self.chosen

    def workloads(self) -> tuple[WorkloadState, ...]:
        return self._parts(
            names.WORKLOAD, self.a.workloads, self.b.workloads, self._workload
        )

    def overlays(self) -> tuple[OverlayState, ...]:
        return self._parts(
            names.KUSTOMIZE_BINDING, self.a.overlays, self.b.overlays, self._overlay
        )

    def manifests(self) -> tuple[ManifestState, ...]:
        return self._parts(
            names.MANIFEST_BINDING, self.a.manifests, self.b.manifests, self._manifests
        )

    def variables(self) -> tuple[VariableState, ...]:
        old = {row.place: row for row in self.a.variables}
        new = {row.place: row for row in self.b.variables}
        rows = dict(old)
        for place in old.keys() | new.keys():
            row = new.get(place) or old[place]
            if old.get(place) != new.get(place) and self.takes(place_of(row)):
                rows.pop(place, None)
                if place in new:
                    rows[place] = row
        return tuple(rows.values())

    def policy(self) -> PolicyState | None:
        environment, kind = self.b.environment, names.ENVIRONMENT_POLICY
        requirements = self.takes(Place(kind, environment, names.APPROVAL_REQUIREMENTS))
        mode = self.takes(Place(kind, environment, names.DEPLOY_MODE))
        if requirements == mode:
            return self.b.policy if mode else self.a.policy
        # A policy on one side only moves as a whole: its two changes need each other.
        old, new = self.a.policy or PolicyState(), self.b.policy or PolicyState()
        if mode:
            return replace(old, deploy_mode=new.deploy_mode)
        return replace(old, approval_requirements=new.approval_requirements)

    def _parts(
        self,
        kind: str,
        old: Iterable[Part],
        new: Iterable[Part],
        merge: Callable[[Part, Part], Part],
    ) -> tuple[Part, ...]:
        before = {part.name: part for part in old}
        after = {part.name: part for part in new}
        parts = []
        for name in before.keys() | after.keys():
            was, now = before.get(name), after.get(name)
            if was is not None and now is not None:
                parts.append(was if was == now else merge(was, now))
            else:
                taken = self.takes(Place(kind, name, names.ASSIGNMENT))
                part = now if taken else was
                if part is not None:
                    parts.append(part)
        return tuple(parts)

    def _workload(self, was: WorkloadState, now: WorkloadState) -> WorkloadState:
        name = now.name
        result = was
        if self.takes(Place(names.WORKLOAD, name, names.CHART)):
            result = replace(
                result,
                chart=now.chart,
                chart_version=now.chart_version,
                chart_digest=now.chart_digest,
            )
        place = Place(names.WORKLOAD, name, names.CHART, path=NONDETERMINISM_PATH)
        if self.takes(place):
            result = replace(result, allow_nondeterministic=now.allow_nondeterministic)
        if self.takes(Place(names.WORKLOAD, name, names.TARGET)):
            result = replace(result, namespace=now.namespace)
        layers = [(layer, self._layer(was, now, layer)) for layer in LAYERS]
        return replace(result, layers=tuple(layers))

    def _layer(self, was: WorkloadState, now: WorkloadState, layer: str) -> str:
        """Return the digest of one layer's text with its chosen changes."""
        old, new = was.layer(layer), now.layer(layer)
        if old == new:
            return old
        before, after = layer_text(self.texts, old), layer_text(self.texts, new)
        groups = grouped(before, after)
        taken = [g for g in groups if self.takes(values_place(now.name, layer, g))]
        if not taken:
            return old
        if len(taken) == len(groups):
            return new
        chosen = [change for group in taken for change in group.changes]
        try:
            return self.texts.add(apply_values(before, after, chosen))
        except Inseparable as error:
            path = values_file(
                now.name, layer, tenant=self.b.tenant, environment=self.b.environment
            )
            raise InseparableChanges(
                error.reason, path=path, pointer=pointer(error.path)
            ) from error

    def _overlay(self, was: OverlayState, now: OverlayState) -> OverlayState:
        kind = names.KUSTOMIZE_BINDING
        moved = self.takes(Place(kind, now.name, names.ASSIGNMENT))
        return replace(
            was,
            workload=now.workload if moved else was.workload,
            files=self._files(kind, was, now),
        )

    def _manifests(self, was: ManifestState, now: ManifestState) -> ManifestState:
        files = self._files(names.MANIFEST_BINDING, was, now)
        return replace(was, files=files)

    def _files(
        self,
        kind: str,
        was: OverlayState | ManifestState,
        now: OverlayState | ManifestState,
    ) -> tuple[tuple[str, str], ...]:
        old, new = dict(was.files), dict(now.files)
        files = dict(old)
        for path in old.keys() | new.keys():
            if self.takes(Place(kind, now.name, names.FILE, path=path)):
                files.pop(path, None)
                if path in new:
                    files[path] = new[path]
        return tuple(files.items())
