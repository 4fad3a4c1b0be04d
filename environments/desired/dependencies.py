"""What one change needs of another, one step each.

A text needs the creation of the variables it names; the deletion of a variable needs
the changes that remove its last uses; an attached overlay its workload, and a file
that names a variable of a service the move of its overlay there; the removal of a
workload that of its overlays; a kustomization the added files it names, and the reverse
for removals; comments and layout all other changes of their text. Besides, a name that
one kind of object gives up must be free before another kind takes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from environments.desired import naming
from environments.desired.change import (
    ASSIGNMENT,
    FILE,
    IMAGE,
    KUSTOMIZE_BINDING,
    VALUES,
    WORKLOAD,
    Change,
)
from environments.desired.scoping import VariableIndex
from environments.desired.state import State
from environments.desired.text_store import Texts

_GONE = ("removed", "deleted")
_NEW = ("added", "created")

Needs = Iterator[tuple[str, str]]


def depends_on(
    a: State, b: State, changes: Iterable[Change], texts: Texts
) -> dict[str, tuple[str, ...]]:
    """Return the ids that each change needs, by the id of the change.

    Changes that need nothing are left out. Texts are loaded only of objects that
    changed, and only where a variable or a kustomization makes it necessary.
    """
    found = list(changes)
    needs: dict[str, set[str]] = defaultdict(set)
    for source in (
        _layout(found),
        _assignments(a, b, found),
        _files(a, b, found, texts),
        _variables(a, b, found, texts),
        _moves(a, b, found, texts),
    ):
        for change, needed in source:
            needs[change].add(needed)
    order = {change.id: at for at, change in enumerate(found)}
    return {
        change: tuple(sorted(needed, key=order.__getitem__))
        for change, needed in needs.items()
    }


def _layout(changes: list[Change]) -> Needs:
    by_text: dict[tuple[str, str | None], list[Change]] = defaultdict(list)
    for change in changes:
        if change.facet in (VALUES, IMAGE):
            by_text[change.object, change.layer].append(change)
    for group in by_text.values():
        layout = next((change for change in group if change.path == ""), None)
        if layout is not None:
            others = (change for change in group if change is not layout)
            yield from ((layout.id, change.id) for change in others)


def _assignments(a: State, b: State, changes: list[Change]) -> Needs:
    assignments = [change for change in changes if change.facet == ASSIGNMENT]
    by_name = {(change.type, change.object): change for change in assignments}
    old = {overlay.name: overlay.workload for overlay in a.overlays}
    new = {overlay.name: overlay.workload for overlay in b.overlays}
    for change in assignments:
        if change.type != KUSTOMIZE_BINDING:
            continue
        home = by_name.get((WORKLOAD, new.get(change.object) or ""))
        if home is not None and home.action in _NEW:
            yield change.id, home.id
        left = by_name.get((WORKLOAD, old.get(change.object) or ""))
        if left is not None and left.action in _GONE:
            yield left.id, change.id
    given_up = {c.object: c for c in assignments if c.action in _GONE}
    for change in assignments:
        before = given_up.get(change.object)
        if change.action in _NEW and before is not None:
            yield change.id, before.id


def _files(a: State, b: State, changes: list[Change], texts: Texts) -> Needs:
    by_overlay: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        if change.type == KUSTOMIZE_BINDING and change.facet == FILE:
            by_overlay[change.object].append(change)
    for name, files in by_overlay.items():
        for change in files:
            if not naming.is_kustomization(change.path):
                continue
            others = [other for other in files if other is not change]
            old, new = (
                naming.named_files(
                    naming.overlay_text(state, name, change.path, texts), change.path
                )
                for state in (a, b)
            )
            for other in others:
                names_then, names_now = other.path in old, other.path in new
                if other.action in _NEW and names_now and not names_then:
                    yield change.id, other.id
                if other.action in _GONE and names_then and not names_now:
                    yield other.id, change.id


def _variables(a: State, b: State, changes: list[Change], texts: Texts) -> Needs:
    created = {_row_of(c): c for c in changes if c.action == "created"}
    deleted = {_row_of(c): c for c in changes if c.action == "deleted"}
    keys = {key for _, key, _ in (*created, *deleted)}
    if not keys:
        return
    names = naming.NamesInTexts(texts, keys)
    layouts = {layout for layout, _ in _layout(changes)}
    old, new = VariableIndex(a.variables), VariableIndex(b.variables)
    for change in changes:
        if change.facet not in naming.FACETS_OF_TEXTS or change.id in layouts:
            continue
        before, after = names.of(change, a), names.of(change, b)
        for name in after:
            rows = new.answers(name.key, name.service, name.pinned)
            # Of two rows that would do, neither is needed.
            if len(rows) == 1 and not old.answers(name.key, name.service, name.pinned):
                yield change.id, created[rows[0].place].id
        for name in before - after:
            rows = old.answers(name.key, name.service, name.pinned)
            if rows and all(row.place in deleted for row in rows):
                yield from ((deleted[row.place].id, change.id) for row in rows)


def _moves(a: State, b: State, changes: list[Change], texts: Texts) -> Needs:
    """Tie files to where their overlay goes: there it sees another service."""
    moves = {
        change.object: change
        for change in changes
        if change.type == KUSTOMIZE_BINDING
        and change.facet == ASSIGNMENT
        and change.action not in (*_GONE, *_NEW)
    }
    if not moves:
        return
    homes = [{one.name: one.workload for one in state.overlays} for state in (a, b)]
    indexes = [VariableIndex(state.variables) for state in (a, b)]
    of_services = {
        row.key for row in (*a.variables, *b.variables) if row.scope == "svc"
    }
    names = naming.NamesInTexts(texts, of_services)
    for change in changes:
        move = moves.get(change.object)
        if move is None or change.type != KUSTOMIZE_BINDING or change.facet != FILE:
            continue
        old, new = (home[change.object] for home in homes)
        # The new text where the overlay was; then the old text where it goes.
        if any(
            not indexes[1].answers(name.key, old, name.pinned)
            for name in names.of(change, b)
        ):
            yield change.id, move.id
        if any(
            not index.answers(name.key, new, name.pinned)
            for name in names.of(change, a)
            for index in indexes
        ):
            yield move.id, change.id


def _row_of(change: Change) -> tuple[str, str, str]:
    return (change.scope or "", change.object, change.service or "")
