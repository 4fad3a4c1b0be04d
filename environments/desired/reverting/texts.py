"""The texts that people write, by their file, and going back in one of them.

A text is merged three ways: the earlier one, the deployed one, and between them those
of the releases since.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from environments.desired.reverting.refusals import Conflict, Conflicts
from environments.desired.source_layout import (
    manifest_file,
    overlay_file,
    values_file,
)
from environments.desired.state import (
    EMPTY_TEXT,
    LAYERS,
    ManifestState,
    OverlayState,
    State,
    WorkloadState,
)
from environments.desired.values import (
    TEXT_CHANGE,
    Inseparable,
    Path,
    ValueChange,
    apply_values,
    diff_values,
    pointer,
)
from environments.desired.values.reading import read_values
from environments.desired.values.showing import find_node

AGAIN = "it was changed more than once since"
WHOLE = "it came or went with all that is around it: name that"
FILE = "the file came or went as a whole: name it without a path"

Text = str | None
"""A text, or None where the file is not there."""


@dataclass(frozen=True)
class Slot:
    """Where a file's text hangs: on which object, as which of its layers or files."""

    kind: str
    name: str
    key: str


def slots_of(state: State) -> dict[str, Slot]:
    """Return where the text of each file hangs, values layers that are empty too."""
    tenant, environment = state.tenant, state.environment
    found = {
        values_file(workload.name, layer, tenant=tenant, environment=environment): Slot(
            "workloads", workload.name, layer
        )
        for workload in state.workloads
        for layer in LAYERS
    }
    for overlay in state.overlays:
        for path, _ in overlay.files:
            file = overlay_file(tenant, environment, overlay.name, path)
            found[file] = Slot("overlays", overlay.name, path)
    for binding in state.manifests:
        for path, _ in binding.files:
            file = manifest_file(tenant, environment, binding.name, path)
            found[file] = Slot("manifests", binding.name, path)
    return found


def has_object(state: State, slot: Slot) -> bool:
    """Say whether the object of a slot is there, be its text or not."""
    return any(part.name == slot.name for part in _parts(state, slot.kind))


def digest_at(state: State, slot: Slot) -> str | None:
    """Return the digest of a slot's text, None where there is no such text."""
    for part in _parts(state, slot.kind):
        if part.name == slot.name:
            if isinstance(part, WorkloadState):
                return part.layer(slot.key)
            return dict(part.files).get(slot.key)
    return None


def with_digest(state: State, slot: Slot, digest: str | None) -> State:
    """Return a state with another text in a slot, or without that file."""
    parts = [
        _with_text(part, slot.key, digest) if part.name == slot.name else part
        for part in _parts(state, slot.kind)
    ]
    changed = {slot.kind: tuple(parts)}
    return replace(state, **changed)  # type: ignore[arg-type]


@dataclass(frozen=True)
class TextMerge:
    """One text on its way back: `then`, those `since` in order, and `now`."""

    file: str
    then: Text
    since: Sequence[Text]
    now: Text

    def knows(self, path: Path) -> bool:
        """Say whether there is anything at a path, then or now."""
        texts = [text for text in (self.then, self.now) if text is not None]
        return not path or any(find_node(text, path) is not None for text in texts)

    def merged(self, chosen: Iterable[tuple[Path, bool]]) -> Text:
        """Return the text with the chosen paths as they were.

        :param chosen: each with whether what was changed again goes back as well
        :raises Conflicts: every place where that is not possible
        """
        then, now = self.then, self.now
        if then == now:
            return now
        if then is None or now is None:
            return self._file_merged(chosen)
        picked: set[ValueChange] = set()
        conflicts: list[Conflict] = []
        changes = diff_values(now, then)
        for path, is_forced in chosen:
            conflicts += self._outside(path, changes)
            for change in changes:
                if change.path[: len(path)] != path:
                    continue
                picked.add(change)
                if not is_forced and self._was_changed_again(change):
                    conflicts.append(self.conflict(change.path, AGAIN))
        if conflicts:
            raise Conflicts(conflicts)
        try:
            return apply_values(now, then, picked)
        except Inseparable as error:
            raise Conflicts([self.conflict(error.path, error.reason)]) from error

    def conflict(self, path: Path, reason: str) -> Conflict:
        return Conflict(self.file, pointer(path), reason)

    def _file_merged(self, chosen: Iterable[tuple[Path, bool]]) -> Text:
        for path, is_forced in chosen:
            if path:
                raise Conflicts([self.conflict((), FILE)])
            if not is_forced and self._was_changed_again(TEXT_CHANGE):
                raise Conflicts([self.conflict((), AGAIN)])
        return self.then

    def _outside(
        self, path: Path, changes: Collection[ValueChange]
    ) -> Iterator[Conflict]:
        """Yield what is larger than the path and goes back as one value only."""
        assert self.now is not None
        assert self.then is not None
        if _meaning(self.now, path) == _meaning(self.then, path):
            return
        for change in changes:
            is_larger = len(change.path) < len(path)
            is_layout = change == TEXT_CHANGE and len(changes) > 1
            if is_larger and not is_layout and path[: len(change.path)] == change.path:
                yield self.conflict(change.path, WHOLE)

    def _was_changed_again(self, change: ValueChange) -> bool:
        """Say whether a later release than the one to undo changed the place too.

        What is undone is what came behind the last text that was as `then` there.
        """
        if change == TEXT_CHANGE and _can_be_cut(self.now, self.then):
            return False
        first = 0
        for at, text in enumerate(self.since):
            if not _differ(text, self.then, change.path):
                first = at + 1
        undone = self.since[first] if first < len(self.since) else self.now
        return _differ(undone, self.now, change.path)


def _differ(one: Text, other: Text, path: Path) -> bool:
    """Say whether two texts differ at a path; comments and layout do not count."""
    if one == other:
        return False
    if one is None or other is None:
        return True
    changes = diff_values(one, other)
    if changes == [TEXT_CHANGE]:
        return not _can_be_cut(one, other)
    short = ((c.path, min(len(c.path), len(path))) for c in changes if c != TEXT_CHANGE)
    return any(found[:length] == path[:length] for found, length in short)


def _can_be_cut(one: Text, other: Text) -> bool:
    """Say whether the values of two texts can be compared by themselves."""
    texts = [text for text in (one, other) if text is not None]
    return len(texts) > 1 and all(read_values(t).block is not None for t in texts)


def _meaning(text: str, path: Path) -> object:
    node = find_node(text, path)
    return None if node is None else node.meaning


Part = WorkloadState | OverlayState | ManifestState


def _parts(state: State, kind: str) -> tuple[Part, ...]:
    parts: tuple[Part, ...] = getattr(state, kind)
    return parts


def _with_text(part: Part, key: str, digest: str | None) -> Part:
    if isinstance(part, WorkloadState):
        layers = {**dict(part.layers), key: digest or EMPTY_TEXT}
        return replace(part, layers=tuple(layers.items()))
    files = {**dict(part.files), key: digest}
    kept = tuple((path, found) for path, found in files.items() if found is not None)
    return replace(part, files=kept)
