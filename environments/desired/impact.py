"""What an edit would move, looked at before it is saved: unit by unit of a target.

Charts are not read: a value that is the chart's own default counts as a difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from environments.desired import source_layout
from environments.desired.fitting import (
    Content,
    Put,
    Uses,
    content_of,
    news_of,
    put_in,
    resolved_in,
    written,
)
from environments.desired.placeholders import Placeholder
from environments.desired.resolving import UnitTexts, UnresolvedName, units
from environments.desired.scoping import VariableIndex, scopes_looked_at
from environments.desired.state import LAYERS, State, VariableState
from environments.desired.text_store import Texts
from environments.desired.values.merging import (
    Names,
    NameSet,
    Tree,
    covers,
    differing,
    merged,
    named_in,
    tree_of,
)

ANY_VALUE: Final = "any-other-value"
"""Stands for a value that nobody typed yet: it differs from all that are saved."""

_WORD: Final = "x"

Answers = Mapping[str | None, tuple[Content, Content]]
"""What answers a key before and after, by the scope it is pinned to."""


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


class Foresight:
    """Looks at one edit in many states; what it has read it remembers."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._uses = Uses()
        self._trees: dict[str, Tree] = {}
        self._named: dict[str, Names] = {}
        self._put: dict[tuple[object, ...], Put] = {}

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
        problems = news_of(before, after)
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
            path: {used.scope for used in self._uses.of(text, path) if used.key == key}
            for path, text in unit.texts.items()
            if key in text
        }
        names = {name for found in asked.values() for name in found}
        sides = {
            pinned: (
                content_of(old, key, unit.service, pinned),
                content_of(new, key, unit.service, pinned),
            )
            for pinned in names
        }
        answers = {pinned: both for pinned, both in sides.items() if both[0] != both[1]}
        if not answers:
            return _shadowed(unit, place, names, old, new)
        touched = [path for path, pinned in asked.items() if pinned & answers.keys()]
        problems = tuple(
            said
            for path in touched
            for said in self._problems(unit, path, key, answers)
        )
        moving = frozenset((pinned, key) for pinned in answers)
        if problems or self._is_moved(state, unit, touched, moving):
            return UnitEffect(unit.name, Effect.RENDERS, problems=problems)
        return UnitEffect(unit.name, Effect.TEXT_ONLY)

    def _is_moved(
        self, state: State, unit: UnitTexts, touched: Iterable[str], names: NameSet
    ) -> bool:
        """Say whether a value of *names* counts in a text of those *touched*."""
        is_workload = unit.name in state.workload_named
        layers = [
            path
            for layer in (LAYERS if is_workload else ())
            if (path := _values_file(state, unit.name, layer)) in unit.texts
        ]
        for path in touched:
            if path not in layers:
                return True
            narrower = layers[layers.index(path) + 1 :]
            trees = [self._tree(unit.texts[other]) for other in narrower]
            for place, found in self._places(unit.texts[path]):
                if found & names and not any(covers(tree, place) for tree in trees):
                    return True
        return False

    def _problems(
        self, unit: UnitTexts, path: str, key: str, answers: Answers
    ) -> tuple[str, ...]:
        """Return why a text could not be rendered any more, with its lines."""
        text = unit.texts[path]
        gone = {pinned for pinned, (_, will) in answers.items() if will is None}
        missing = tuple(
            str(
                UnresolvedName(
                    path,
                    used.line,
                    key,
                    used.scope,
                    scopes_looked_at(unit.service, used.scope),
                    unit.name,
                )
            )
            for used in self._uses.of(text, path)
            if used.key == key and used.scope in gone
        )
        if missing:
            return missing
        was, will = (
            self._fit(text, path, key, {p: both[at] for p, both in answers.items()})
            for at in (0, 1)
        )
        return news_of(was, will)

    def _fit(
        self, text: str, path: str, key: str, values: Mapping[str | None, Content]
    ) -> Put:
        """Put in the values of one variable alone; a plain word for all others."""
        known = (path, text, key, frozenset(values.items()))
        if known not in self._put:

            def lookup(asked: Placeholder) -> str:
                value = values.get(asked.scope) if asked.key == key else None
                return written(value) if value else _WORD

            self._put[known] = put_in(text, path, lookup)
        return self._put[known]

    def _places(self, text: str) -> Names:
        if text not in self._named:
            self._named[text] = named_in(text)
        return self._named[text]

    def _tree(self, text: str) -> Tree:
        if text not in self._trees:
            self._trees[text] = tree_of(text)
        return self._trees[text]

    def _substituted(
        self, text: str, path: str, service: str | None, index: VariableIndex
    ) -> Put:
        names = {(used.key, used.scope) for used in self._uses.of(text, path)}
        answers = frozenset(
            (key, scope, content_of(index, key, service, scope)) for key, scope in names
        )
        known = (path, text, service, answers)
        if known not in self._put:
            self._put[known] = resolved_in(text, path, service, index)
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


def _over(trees: Mapping[str, Tree]) -> Tree:
    return merged(trees[layer] for layer in LAYERS if layer in trees)


def _values_file(state: State, workload: str, layer: str) -> str:
    return source_layout.values_file(
        workload, layer, tenant=state.tenant, environment=state.environment
    )
