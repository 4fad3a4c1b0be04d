"""Going back for single fields, each named by its file in `source` and a path in it.

What stands there goes back to what it was; everything else stays as it is deployed.
That is a three-way merge: the release to undo is the one that followed the last state
with the earlier value, and a place that was changed once more since is a conflict.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from environments.desired.changes.differing import refuse_other_place
from environments.desired.reverting.facts import Place, facts_of, take
from environments.desired.reverting.refusals import Conflict, Conflicts, UnknownPart
from environments.desired.reverting.texts import (
    AGAIN,
    Slot,
    Text,
    TextMerge,
    digest_at,
    has_object,
    slots_of,
    with_digest,
)
from environments.desired.source_layout import (
    policy_file,
    target_file,
    workload_file,
)
from environments.desired.state import EMPTY_TEXT, State, StateRefused
from environments.desired.text_store import MutableTexts, Texts
from environments.desired.values import Path, parse_pointer, pointer

_SOURCE_NAMES = {
    "workloads": "workloads",
    "overlays": "kustomize",
    "manifests": "manifests",
}
SERVICE = "the service came or went as a whole: go back for it as a service"


@dataclass(frozen=True)
class Field:
    """A place that is to go back; `path` is a JSON Pointer, "" for all of the file.

    With `overwrite` it goes back even where it was changed more than once since.
    """

    file: str
    path: str = ""
    overwrite: bool = False


def revert_fields(
    deployed: State,
    to: State,
    since: Sequence[State],
    fields: Sequence[Field],
    texts: MutableTexts,
) -> State:
    """Return `deployed` with the named fields as they were in `to`.

    :param since: what was deployed after `to`, in order
    :raises ValueError: states of two places
    :raises UnknownPart: a file or path that is in neither state, or in a policy
    :raises Conflicts: every place that was changed again, or goes back with more only
    """
    refuse_other_place(deployed, to)
    return _Going(deployed, to, tuple(since), texts).back(fields)


@dataclass(frozen=True)
class _Going:
    deployed: State
    to: State
    since: tuple[State, ...]
    texts: MutableTexts

    def back(self, fields: Sequence[Field]) -> State:
        facts: dict[Place, bool] = {}
        paths: dict[str, list[tuple[Path, bool]]] = defaultdict(list)
        conflicts: list[Conflict] = []
        for index, field in enumerate(fields):
            path = self._path(index, field)
            if field.file in self.slots:
                paths[field.file].append((path, field.overwrite))
            elif found := list(self._facts_at(field.file, path)):
                facts |= dict.fromkeys(found, field.overwrite)
            else:
                conflicts += self._missing(index, field, path)
        state = self.deployed
        for place, is_forced in facts.items():
            if not is_forced and self._was_changed_again(place):
                conflicts.append(_conflict(place, AGAIN))
                continue
            try:
                state = take(state, self.to, place)
            except StateRefused as error:
                conflicts.append(_conflict(place, str(error)))
        for file, chosen in paths.items():
            try:
                state = self._with_text(state, file, chosen)
            except Conflicts as refusal:
                conflicts += refusal.conflicts
        if conflicts:
            raise Conflicts(conflicts)
        return state

    @cached_property
    def slots(self) -> dict[str, Slot]:
        return {**slots_of(self.to), **slots_of(self.deployed)}

    @cached_property
    def facts(self) -> tuple[dict[Place, Any], dict[Place, Any]]:
        """What is deployed, and what was."""
        return facts_of(self.deployed), facts_of(self.to)

    @cached_property
    def facts_since(self) -> list[dict[Place, Any]]:
        return [facts_of(state) for state in self.since]

    def _path(self, index: int, field: Field) -> Path:
        if field.file == policy_file(self.deployed.environment):
            raise UnknownPart("file", index, "a policy is never rolled back")
        try:
            path = parse_pointer(field.path)
        except ValueError as error:
            raise UnknownPart("path", index, str(error)) from error
        slot = self.slots.get(field.file)
        is_whole = slot is None or all(
            has_object(state, slot) for state in (self.deployed, self.to)
        )
        if slot is not None and is_whole and not self._merge(field.file).knows(path):
            raise UnknownPart("path", index, f"nothing is at {field.path}, then or now")
        return path

    def _facts_at(self, file: str, path: Path) -> Iterator[Place]:
        """Yield the places in a file that lie within a path, or that it lies within."""
        now, then = self.facts
        alone = {workload_file(name) for name in self._on_one_side()}
        for place in {**then, **now}:
            here, found = place
            length = min(len(path), len(found))
            if here == file and found[:length] == path[:length] and file not in alone:
                yield place

    def _missing(self, index: int, field: Field, path: Path) -> list[Conflict]:
        """Say what is wrong with a field that names no place.

        :raises UnknownPart: where there is nothing to name
        """
        here = target_file(self.deployed.tenant, self.deployed.environment)
        for name in self._on_one_side():
            bound = ("workloads", name)
            is_bound = field.file == here and path[:2] == bound
            if is_bound or field.file == workload_file(name):
                return [Conflict(here, pointer(bound), SERVICE)]
        if any(file == field.file for facts in self.facts for file, _ in facts):
            raise UnknownPart("path", index, f"nothing is at {field.path}, then or now")
        raise UnknownPart("file", index, f"no file {field.file} here, then or now")

    def _on_one_side(self) -> set[str]:
        return self.deployed.workload_named.keys() ^ self.to.workload_named.keys()

    def _was_changed_again(self, place: Place) -> bool:
        now, then = (facts.get(place) for facts in self.facts)
        if now == then:
            return False
        values = [facts.get(place) for facts in self.facts_since]
        first = max(
            (at for at, value in enumerate(values) if value == then), default=-1
        )
        undone = values[first + 1] if first + 1 < len(values) else now
        return bool(undone != now)

    def _with_text(
        self, state: State, file: str, chosen: list[tuple[Path, bool]]
    ) -> State:
        slot = self.slots[file]
        if not (has_object(state, slot) and has_object(self.to, slot)):
            raise Conflicts([self._gone(slot)])
        text = self._merge(file).merged(chosen)
        digest = None if text is None else self.texts.add(text) if text else EMPTY_TEXT
        return with_digest(state, slot, digest)

    def _merge(self, file: str) -> TextMerge:
        slot = self.slots[file]
        digests = [digest_at(state, slot) for state in self.since]
        moved = [
            digest
            for at, digest in enumerate(digests)
            if at == 0 or digest != digests[at - 1]
        ]
        then, now = (digest_at(state, slot) for state in (self.to, self.deployed))
        return TextMerge(
            file,
            then=_text(self.texts, then),
            since=[_text(self.texts, digest) for digest in moved],
            now=_text(self.texts, now),
        )

    def _gone(self, slot: Slot) -> Conflict:
        file = target_file(self.deployed.tenant, self.deployed.environment)
        path = pointer((_SOURCE_NAMES[slot.kind], slot.name))
        if slot.kind == "workloads":
            return Conflict(file, path, SERVICE)
        return Conflict(file, path, f"{slot.name} came or went as a whole: name it")


def _conflict(place: Place, reason: str) -> Conflict:
    file, path = place
    return Conflict(file, pointer(path), reason)


def _text(texts: Texts, digest: str | None) -> Text:
    if digest is None:
        return None
    return "" if digest == EMPTY_TEXT else texts[digest]
