"""What all layers of a workload make together in a target, and which layer says it.

For people: placeholders are filled, secrets masked. What is rendered Helm decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from environments.desired.placeholders import Placeholder
from environments.desired.resolving import mask_of
from environments.desired.scoping import VariableIndex
from environments.desired.substitution import PlaceholderRefused, substitute
from environments.desired.texts import TextRefused
from environments.desired.values import Path
from environments.desired.values.nodes import Node
from environments.desired.values.reading import read_values
from environments.desired.values.showing import display_node
from environments.selectors.layers import CHART, Layer

MOST_SHOWN: Final = 1000
"""Merged lines that are shown; a preview of more helps nobody."""

_DEEPEST: Final = 60


@dataclass(frozen=True, slots=True)
class MergedValue:
    """One line of the merged values: a value as it counts, or the key of a map.

    ``layer`` is the one that says it, ``beaten`` those that said something else, broad
    to narrow. A null takes the key away.
    """

    path: Path
    value: str
    layer: Layer | None = None
    beaten: tuple[Layer, ...] = ()

    @property
    def indented(self) -> str:
        """The key with the white space of its depth."""
        return "  " * (len(self.path) - 1) + self.path[-1]

    @property
    def is_removed(self) -> bool:
        """Whether the key is taken away: null over something that is said."""
        return bool(self.beaten) and self.value in {"null", "~"}

    @property
    def is_default(self) -> bool:
        """Whether the chart says it, and none of ours."""
        return self.layer is not None and self.layer.name == CHART


@dataclass(frozen=True, slots=True)
class MergedValues:
    rows: tuple[MergedValue, ...]
    problem: str = ""

    @property
    def shown(self) -> tuple[MergedValue, ...]:
        """The first rows, for a page."""
        return self.rows[:MOST_SHOWN]

    @property
    def is_cut(self) -> bool:
        """Whether there are more than is shown."""
        return len(self.rows) > MOST_SHOWN

    @property
    def values(self) -> list[MergedValue]:
        """The rows that say a value."""
        return [row for row in self.rows if row.layer is not None]

    @property
    def said_by_us(self) -> int:
        """How many values a layer of ours says."""
        return sum(not row.is_default for row in self.values)


def merged(
    layers: Sequence[Layer], *, service: str, variables: VariableIndex
) -> MergedValues:
    """Return what the layers, given broad to narrow, make together.

    The narrower layer wins, key by key.
    """

    def lookup(asked: Placeholder) -> str:
        rows = variables.answers(asked.key, service, asked.scope)
        if not rows:
            return f"<unresolved {asked.key}>"
        row = rows[0]
        return mask_of(row.fingerprint) if row.fingerprint else row.value or ""

    found: dict[str, Any] = {}
    problem = ""
    for layer in layers:
        text = layer.text
        if layer.name != CHART:
            try:
                text = substitute(text, lookup, path=layer.path)
            except (PlaceholderRefused, TextRefused) as refused:
                problem = problem or str(refused)
        root = read_values(text).root
        if root is not None and root.kind == "map":
            _merge(found, root, text, layer, ())
    return MergedValues(tuple(_rows(found, ())), problem)


@dataclass(frozen=True, slots=True)
class _Leaf:
    value: str
    layer: Layer
    beaten: tuple[Layer, ...]


def _merge(
    into: dict[str, Any], node: Node, text: str, layer: Layer, path: Path
) -> None:
    for key, item in zip(node.keys, node.items, strict=True):
        here = (*path, key.value)
        old = into.get(key.value)
        if item.kind == "map" and len(path) < _DEEPEST and (item.keys or _is_map(old)):
            if not isinstance(old, dict):
                old = into[key.value] = {}
            _merge(old, item, text, layer, here)
            continue
        into[key.value] = _Leaf(display_node(text, item), layer, _beaten(old))


def _is_map(old: object) -> bool:
    return isinstance(old, dict)


def _beaten(old: object) -> tuple[Layer, ...]:
    """Return the layers that a value stands before, each once."""
    if isinstance(old, _Leaf):
        return (*old.beaten, old.layer)
    if isinstance(old, dict):
        inside = [layer for value in old.values() for layer in _beaten(value)]
        return tuple(dict.fromkeys(inside))
    return ()


def _rows(found: dict[str, Any], path: Path) -> Iterator[MergedValue]:
    for key, value in found.items():
        here = (*path, key)
        if isinstance(value, dict):
            yield MergedValue(here, "")
            yield from _rows(value, here)
        else:
            yield MergedValue(here, value.value, value.layer, value.beaten)
