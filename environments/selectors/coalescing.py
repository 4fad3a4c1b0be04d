"""Values of a chart, of the charts inside it and of ours laid over each other.

The way of Helm (its ``CoalesceValues``), but each value knows the layer that says it.
Trees are shared: nothing here changes one. Only where Helm lets maps deep in globals
run from one chart into another it is not followed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from environments.desired.subcharts import Subchart
from environments.desired.values import Path
from environments.desired.values.nodes import Node
from environments.desired.values.reading import read_values
from environments.desired.values.showing import display_node
from environments.selectors.layers import CHART, Layer

GLOBAL: Final = "global"
"""The key whose values go down to every chart inside."""

_DEEPEST: Final = 60
_SMALL: Final = 2**13
_TRUTHS = {"y": True, "yes": True, "true": True, "on": True}
_TRUTHS |= {"n": False, "no": False, "false": False, "off": False}
_TRUTHS |= {word.title(): truth for word, truth in _TRUTHS.items()}
_TRUTHS |= {word.upper(): truth for word, truth in _TRUTHS.items()}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value, the layer that says it, and those it stands before, broad to narrow.

    ``is_gone`` is a null that took the key away; then Helm knows the key no more.
    """

    value: str
    layer: Layer
    beaten: tuple[Layer, ...] = ()
    is_null: bool = False
    is_empty_map: bool = False
    is_gone: bool = False
    truth: bool | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """A global from above of which a chart itself says nothing."""

    what: "Said"


Said = Mapping[str, "Said"] | Leaf | Handed
Tree = Mapping[str, Said]


@dataclass(frozen=True, slots=True)
class Inner:
    """A chart inside another: the key it goes by, what it says, and those in it."""

    key: str
    said: Tree
    inner: "tuple[Inner, ...]"


def tree_of(layer: Layer, text: str | None = None) -> Tree:
    """Return what a layer says, or another *text* in its name."""
    text = layer.text if text is None else text
    root = read_values(text).root
    return {} if root is None or root.kind != "map" else _map(root, text, layer, 1)


def laid_over(narrow: Tree, broad: Tree) -> Tree:
    """Lay one values file over another: a map joins a map, all else replaces."""
    found = dict(broad)
    for key, value in narrow.items():
        old = found.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            found[key] = laid_over(value, old)
        elif isinstance(value, Leaf):
            if not (value.is_empty_map and isinstance(old, Mapping)):
                found[key] = _before(value, old)
        else:
            found[key] = value
    return found


def coalesced(given: Tree, said: Tree, children: Collection[str] = ()) -> Tree:
    """Lay values over what a chart says itself; a null takes the key away.

    Below the keys of its *children* a null stays, to take away what they say.
    """
    return _coalesced(given, said, children=children)


def with_inner(values: Tree, inner: Sequence[Inner]) -> Tree:
    """Put under the values of a chart what the charts inside it say."""
    return _below(values, inner, keeps_nulls=False)


def as_said(
    subcharts: Sequence[Subchart], *, above: str, is_inner: bool = False
) -> tuple[Inner, ...]:
    """Return what charts say, as Helm sees it when it looks at conditions.

    *above* is the label of the chart around them. Those further inside still go by
    their names: their aliases come later.
    """
    found = []
    for one in subcharts:
        layer = layer_of_subchart(one, above=above)
        key = one.name if is_inner else one.key
        inner = as_said(one.subcharts, above=layer.label, is_inner=True)
        found.append(Inner(key, own_tree(layer), inner))
    return tuple(found)


def as_counted(
    said: Tree, subcharts: Sequence[Subchart], *, above: str, key: str = ""
) -> Inner:
    """Return what a chart says once Helm took in what its dependencies say.

    It does so from the inside out before ours come, and keeps nulls on the way.
    """
    inner = []
    for one in subcharts:
        layer = layer_of_subchart(one, above=above)
        where = {"above": layer.label, "key": one.key}
        inner.append(as_counted(own_tree(layer), one.subcharts, **where))
    if any(one.is_listed for one in subcharts):
        said = _below(said, inner, keeps_nulls=True)
    return Inner(key, said, tuple(inner))


def layer_of_subchart(subchart: Subchart, *, above: str) -> Layer:
    """Return what a chart inside another says, as a layer of that one's."""
    label = f"{above} / {subchart.name} {subchart.version}"
    path = f"charts/{subchart.name}/values.yaml"
    return Layer(CHART, label, path, subchart.values, None, None)


def found_at(tree: Tree, path: Path) -> Leaf | None:
    """Return the value at a path, where there is one and it was not taken away."""
    at: Said | None = tree
    for key in path:
        at = _bare(at.get(key, {})) if isinstance(at, Mapping) else None
    return at if isinstance(at, Leaf) and not at.is_gone else None


def own_tree(layer: Layer) -> Tree:
    """Return what a chart inside another says itself; shared."""
    return _small_tree(layer) if len(layer.text) <= _SMALL else _large_tree(layer)


# A tree takes some hundred times the memory of its text.
_small_tree = lru_cache(maxsize=128)(tree_of)
_large_tree = lru_cache(maxsize=8)(tree_of)


def _map(node: Node, text: str, layer: Layer, depth: int) -> dict[str, Said]:
    return {
        key.value: _map(item, text, layer, depth + 1)
        if item.kind == "map" and item.keys and depth <= _DEEPEST
        else _leaf(item, text, layer)
        for key, item in zip(node.keys, node.items, strict=True)
    }


def _leaf(node: Node, text: str, layer: Layer) -> Leaf:
    is_plain = node.kind == "scalar" and not node.style
    return Leaf(
        display_node(text, node),
        layer,
        is_null=node.is_null,
        is_empty_map=node.kind == "map" and not node.keys,
        truth=_TRUTHS.get(node.value) if is_plain else None,
    )


def _coalesced(
    given: Tree,
    said: Tree,
    *,
    children: Collection[str] = (),
    keeps_nulls: bool = False,
    is_handed: bool = False,
) -> Tree:
    """Keep the order of what is said; what only is given follows."""
    found: dict[str, Said] = {}
    for key, default in said.items():
        value = given.get(key)
        bare = None if value is None else _bare(value)
        if value is None or (isinstance(bare, Leaf) and bare.is_gone):
            found[key] = default if keeps_nulls else _without_nulls(default)
        elif isinstance(bare, Leaf) and bare.is_null and not keeps_nulls:
            found[key] = replace(_before(bare, default), is_gone=True)
        else:
            keeps = keeps_nulls or key in children
            found[key] = _one(value, default, keeps_nulls=keeps, is_handed=is_handed)
    for key, value in given.items():
        if key not in found:
            found[key] = _hand(value) if is_handed else value
    return found


def _without_nulls(said: Said) -> Said:
    """Let the nulls of a default count for nothing, though they are shown."""
    if isinstance(said, Leaf):
        return replace(said, is_gone=True) if said.is_null else said
    if isinstance(said, Mapping):
        return {key: _without_nulls(value) for key, value in said.items()}
    return said


def _one(value: Said, default: Said, *, keeps_nulls: bool, is_handed: bool) -> Said:
    default = _bare(default)
    if isinstance(value, Handed):
        value, is_handed = value.what, True
    if isinstance(value, Mapping):
        if not isinstance(default, Mapping):
            return value
        return _coalesced(value, default, keeps_nulls=keeps_nulls, is_handed=is_handed)
    assert isinstance(value, Leaf)
    if value.is_empty_map and isinstance(default, Mapping):
        return default
    return _before(value, default)


def _before(value: Leaf, old: Said | None) -> Leaf:
    """Let a value stand before what was said."""
    layers = dict.fromkeys((*_layers(old), *value.beaten))
    layers.pop(value.layer, None)
    return replace(value, beaten=tuple(layers))


def _layers(old: Said | None) -> tuple[Layer, ...]:
    if isinstance(old, Handed):
        return _layers(old.what)
    if isinstance(old, Leaf):
        return (*old.beaten, old.layer)
    if old is None:
        return ()
    inside = [layer for value in old.values() for layer in _layers(value)]
    return tuple(dict.fromkeys(inside))


def _below(values: Tree, inner: Sequence[Inner], *, keeps_nulls: bool) -> Tree:
    found = dict(values)
    for each in inner:
        given = _bare(found.get(each.key, {}))
        if isinstance(given, Leaf):
            if not (given.is_null or given.is_empty_map):
                continue  # no map: Helm refuses
            given = {}
        assert isinstance(given, Mapping)
        handed = {**given, GLOBAL: _handed(found.get(GLOBAL), given.get(GLOBAL))}
        own = _coalesced(
            handed,
            each.said,
            children={one.key for one in each.inner},
            keeps_nulls=keeps_nulls,
        )
        found[each.key] = _below(own, each.inner, keeps_nulls=keeps_nulls)
    return found


def _handed(globals_: Said | None, given: Said | None) -> Tree:
    """Put the globals of a chart over those that are given for one inside it."""
    below = dict(given) if isinstance(given, Mapping) else {}
    if not isinstance(globals_, Mapping):
        return below
    for key, value in globals_.items():
        above, old = _bare(value), below.get(key)
        if isinstance(above, Leaf) and above.is_gone:
            continue
        if old is None or isinstance(old, Handed):
            below[key] = _hand(value)
        elif _is_table(above) == _is_table(old):
            below[key] = _one(above, old, keeps_nulls=True, is_handed=True)
    return below


def _hand(said: Said) -> Handed:
    return said if isinstance(said, Handed) else Handed(said)


def _bare(said: Said) -> Said:
    return said.what if isinstance(said, Handed) else said


def _is_table(said: Said) -> bool:
    return isinstance(said, Mapping) or (isinstance(said, Leaf) and said.is_empty_map)
