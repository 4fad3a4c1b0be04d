"""Values texts laid over each other as Helm does: maps by key, all else as a whole.

Only what the texts mean is kept, so that two outcomes can be compared. The values that
a chart has by default are not known here.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from environments.desired.placeholders import find
from environments.desired.values.nodes import Node
from environments.desired.values.reading import WALKED_LEVELS, read_values

Tree = dict[str, Any]
"""Maps by key; what is no map is a tuple that tells its meaning."""

Path = tuple[str, ...]

NameSet = frozenset[tuple[str | None, str]]
"""Pinned scope, if any, and key of variables."""

Names = Sequence[tuple[Path, NameSet]]

_WHOLE = "\ue000"
"""Begins what is no key of a text: a whole text that cannot be walked by key."""


def tree_of(text: str) -> Tree:
    """Return what a values text says, by key.

    A text with anchors, aliases or tags is one thing: any difference counts.
    """
    read = read_values(text)
    root = read.root
    if root is None or root.kind != "map":
        return {} if root is None or root.is_null else {_WHOLE + text: ("text",)}
    if read.block is None:
        return {_WHOLE + text: ("text",)}
    return _map(root, 1)


def named_in(text: str) -> Names:
    """Return where a values text names variables: paths of what `tree_of` keeps.

    A text that cannot be walked by key is one place, whatever it names.
    """
    read = read_values(text)
    if read.root is None or read.root.kind != "map" or read.block is None:
        return (((_WHOLE + text,), _names(text)),)
    return tuple(_named(read.root, (), 1))


def merged(trees: Iterable[Tree]) -> Tree:
    """Return what counts of *trees*, given broad to narrow."""
    found: Tree = {}
    for tree in trees:
        _merge(found, tree)
    return found


def differing(one: Tree, other: Tree) -> list[Path]:
    """Return the paths at which two trees say different things."""
    return list(_differing(one, other, ()))


def covers(tree: Tree, path: Path) -> bool:
    """Say whether *tree*, laid over another, decides what stands at *path*."""
    at: Any = tree
    for key in path:
        if not isinstance(at, dict):
            return True
        if key not in at:
            return False
        at = at[key]
    return True


def _named(node: Node, path: Path, level: int) -> Iterator[tuple[Path, NameSet]]:
    for key, item in zip(node.keys, node.items, strict=True):
        here = (*path, key.value)
        if item.kind == "map" and level < WALKED_LEVELS:
            yield from _named(item, here, level + 1)
        elif names := frozenset(_names_below(item)):
            yield here, names


def _names_below(node: Node) -> Iterator[tuple[str | None, str]]:
    open_nodes = [node]
    while open_nodes:
        at = open_nodes.pop()
        open_nodes += at.items
        if at.kind == "scalar":
            yield from _names(at.value)


def _names(text: str) -> NameSet:
    return frozenset((found.scope, found.key) for found in find(text))


def _map(node: Node, level: int) -> Tree:
    return {
        key.value: _map(item, level + 1)
        if item.kind == "map" and level < WALKED_LEVELS
        else item.meaning
        for key, item in zip(node.keys, node.items, strict=True)
    }


def _merge(into: Tree, tree: Tree) -> None:
    for key, value in tree.items():
        if isinstance(value, dict):
            old = into.get(key)
            inner: Tree = dict(old) if isinstance(old, dict) else {}
            _merge(inner, value)
            into[key] = inner
        else:
            into[key] = value


def _differing(one: Tree, other: Tree, path: Path) -> Sequence[Path]:
    found: list[Path] = []
    for key in [*one, *(key for key in other if key not in one)]:
        here, old, new = (*path, key), one.get(key), other.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differing(old, new, here)
        elif old != new or (key in one) != (key in other):
            found.append(here)
    return found
