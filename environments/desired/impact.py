"""What an edit would move, looked at before it is saved: unit by unit of a target.

Charts are not read: a value that is the chart's own default counts as a difference.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from environments.desired import source_layout
from environments.desired.placeholders import Placeholder
from environments.desired.resolving import UnitTexts, UnresolvedName, units
from environments.desired.scoping import VariableIndex, scopes_looked_at
from environments.desired.state import LAYERS, State, VariableState
from environments.desired.substitution import (
    PlaceholderRefused,
    find_used,
    substitute,
)
from environments.desired.text_store import Texts
from environments.desired.texts import TextRefused
from environments.desired.values.merging import (
    Tree,
    covers,
    differing,
    merged,
    tree_of,
)

ANY_VALUE: Final = "any-other-value"
"""Stands for a value that nobody typed yet: it differs from all that are saved."""

_MARK: Final = "hq.var"


class Effect(StrEnum):
    """What becomes of a unit; ``text_only`` changes what is not rendered."""

    RENDERS = "renders"
    SHADOWED = "shadowed"
    TEXT_ONLY = "text_only"


@dataclass(frozen=True, slots=True)
class UnitEffect:
    """What an edit does to one unit.

    ``by`` names the scope or layers that stand before it, ``problems`` the places that
    could not be rendered any more, and why.
    """

    unit: str
    effect: Effect
    by: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Put:
    """A text with values put in, and what could not be."""

    text: str
    problems: tuple[str, ...] = ()


class Foresight:
    """Looks at one edit in many states; what it has read it remembers."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._used: dict[tuple[str, bool], Sequence[Placeholder]] = {}
        self._trees: dict[str, Tree] = {}
        self._put: dict[tuple[object, ...], _Put] = {}

    def of_variable(
        self, state: State, place: tuple[str, str, str], row: VariableState | None
    ) -> list[UnitEffect]:
        """Return what it does to have *row* at *place*; None is its deletion.

        :param place: scope, key and service, as ``VariableState.place`` has them
        """
        kept = [other for other in state.variables if other.place != place]
        old = VariableIndex(state.variables)
        new = VariableIndex([*kept, row] if row else kept)
        effects = (
            self._unit(state, unit, place, old, new)
            for unit in units(state, self._texts)
        )
        return [effect for effect in effects if effect is not None]

    def of_layer(
        self, state: State, workload: str, layer: str, text: str
    ) -> UnitEffect | None:
        """Return what it does to a workload to save *text* as one of its layers.

        None where the workload is not bound, or nothing changes.
        """
        held = state.workload_named.get(workload)
        if held is None:
            return None
        layers = {name: self._texts[digest] for name, digest in held.layers}
        saved = layers.get(layer, "")
        if saved == text:
            return None
        index = VariableIndex(state.variables)
        path = _values_file(state, workload, layer)
        before = self._substituted(saved, path, workload, index)
        after = self._substituted(text, path, workload, index)
        problems = _news(before, after)
        trees = {name: self._tree(held_text) for name, held_text in layers.items()}
        old = _over(trees | {layer: self._tree(before.text)})
        new = _over(trees | {layer: self._tree(after.text)})
        if problems or old != new:
            return UnitEffect(workload, Effect.RENDERS, problems=problems)
        moved = differing(self._tree(before.text), self._tree(after.text))
        if not moved:
            return UnitEffect(workload, Effect.TEXT_ONLY)
        narrower = LAYERS[LAYERS.index(layer) + 1 :]
        by = tuple(
            name
            for name in narrower
            if name in trees and any(covers(trees[name], path) for path in moved)
        )
        return UnitEffect(workload, Effect.SHADOWED, by)

    def _unit(
        self,
        state: State,
        unit: UnitTexts,
        place: tuple[str, str, str],
        old: VariableIndex,
        new: VariableIndex,
    ) -> UnitEffect | None:
        """Return what a row at *place* does to a unit that names its key, if any."""
        _, key, _ = place
        asked = {
            path: {used.scope for used in self._names(text, path) if used.key == key}
            for path, text in unit.texts.items()
            if key in text
        }
        names = {name for found in asked.values() for name in found}
        moved = {
            pinned
            for pinned in names
            if _content(old, key, unit.service, pinned)
            != _content(new, key, unit.service, pinned)
        }
        if not moved:
            return _shadowed(unit, place, names, old, new)
        before, after = dict(unit.texts), dict(unit.texts)
        problems: list[str] = []
        for path in [path for path, pinned in asked.items() if pinned & moved]:
            was = self._substituted(unit.texts[path], path, unit.service, old)
            will = self._substituted(unit.texts[path], path, unit.service, new)
            before[path], after[path] = was.text, will.text
            problems += _news(was, will)
        if problems or self._is_moved(state, unit, before, after):
            return UnitEffect(unit.name, Effect.RENDERS, problems=tuple(problems))
        return UnitEffect(unit.name, Effect.TEXT_ONLY)

    def _is_moved(
        self,
        state: State,
        unit: UnitTexts,
        before: Mapping[str, str],
        after: Mapping[str, str],
    ) -> bool:
        """Say whether what is rendered of the texts of a unit differs."""
        is_workload = unit.name in state.workload_named
        layers = {
            path: layer
            for layer in (LAYERS if is_workload else ())
            if (path := _values_file(state, unit.name, layer)) in unit.texts
        }
        if any(before[path] != after[path] for path in before if path not in layers):
            return True
        old = {layer: self._tree(before[path]) for path, layer in layers.items()}
        new = {layer: self._tree(after[path]) for path, layer in layers.items()}
        return _over(old) != _over(new)

    def _tree(self, text: str) -> Tree:
        if text not in self._trees:
            self._trees[text] = tree_of(text)
        return self._trees[text]

    def _names(self, text: str, path: str) -> Sequence[Placeholder]:
        known = (text, path.endswith((".yaml", ".yml", ".json")))
        if known not in self._used:
            self._used[known] = _used(text, path)
        return self._used[known]

    def _substituted(
        self, text: str, path: str, service: str | None, index: VariableIndex
    ) -> _Put:
        if _MARK not in text:
            return _Put(text)
        names = {(used.key, used.scope) for used in self._names(text, path)}
        answers = frozenset(
            (key, scope, _content(index, key, service, scope)) for key, scope in names
        )
        known = (path, text, service, answers)
        if known not in self._put:
            self._put[known] = _put(text, path, service, index)
        return self._put[known]


def _shadowed(
    unit: UnitTexts,
    place: tuple[str, str, str],
    names: Iterable[str | None],
    old: VariableIndex,
    new: VariableIndex,
) -> UnitEffect | None:
    """Return the effect of a row that others stand before, where they do."""
    _, key, _ = place
    by: list[str] = []
    for pinned in names:
        answers = new.answers(key, unit.service, pinned) or ()
        was = old.answers(key, unit.service, pinned)
        is_here = any(row.place == place for row in (*answers, *was))
        if is_here and answers and answers[0].place != place:
            by.append(answers[0].scope)
    shown = tuple(dict.fromkeys(by))
    return UnitEffect(unit.name, Effect.SHADOWED, shown) if shown else None


def _content(
    index: VariableIndex, key: str, service: str | None, pinned: str | None
) -> tuple[str, str] | None:
    """Return what answers a name, wherever it is set."""
    rows = index.answers(key, service, pinned)
    if not rows:
        return None
    row = rows[0]
    if row.fingerprint is not None:
        return "secret", row.fingerprint
    return "value", row.value or ""


def _put(text: str, path: str, service: str | None, index: VariableIndex) -> _Put:
    problems: list[str] = []

    def lookup(asked: Placeholder) -> str:
        found = _content(index, asked.key, service, asked.scope)
        if found is not None:
            return "-".join(found) if found[0] == "secret" else found[1]
        looked_at = scopes_looked_at(service, asked.scope)
        name = UnresolvedName(path, asked.line, asked.key, asked.scope, looked_at, "")
        problems.append(str(name))
        return f"<unresolved {asked.key}>"

    try:
        return _Put(substitute(text, lookup, path=path), tuple(problems))
    except (PlaceholderRefused, TextRefused) as refusal:
        return _Put(text, (*problems, str(refusal)))


def _used(text: str, path: str) -> Sequence[Placeholder]:
    if _MARK not in text:
        return ()
    try:
        return find_used(text, path=path)
    except TextRefused:
        return ()


def _news(before: _Put, after: _Put) -> tuple[str, ...]:
    """Return the problems that were none before."""
    return tuple(one for one in after.problems if one not in before.problems)


def _over(trees: Mapping[str, Tree]) -> Tree:
    return merged(trees[layer] for layer in LAYERS if layer in trees)


def _values_file(state: State, workload: str, layer: str) -> str:
    return source_layout.values_file(
        workload, layer, tenant=state.tenant, environment=state.environment
    )
