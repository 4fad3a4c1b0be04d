"""Which charts inside a chart are switched off, by ``tags`` and ``condition``.

As Helm has it: a condition beats the tags, the first one that is there and a boolean
counts, and what is switched off is not looked into.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from environments.desired.subcharts import Subchart
from environments.desired.values import Path
from environments.selectors.coalescing import (
    Tree,
    as_said,
    coalesced,
    found_at,
    layer_of_subchart,
    own_tree,
    with_inner,
)


@dataclass(frozen=True, slots=True)
class Switched:
    """The charts that are on, with those on inside; and the labels of those off."""

    on: tuple[Subchart, ...]
    off: tuple[str, ...]


def switched(
    values: Tree, subcharts: Sequence[Subchart], *, above: str, at: Path = ()
) -> Switched:
    """Tell what a chart's values, with ours over them, switch on and off.

    *at* is the way down to the chart, by keys.
    """
    whole = with_inner(values, as_said(subcharts, above=above))
    off_keys = {one.key for one in subcharts if not _is_on(whole, one, at)}
    on, off = [], []
    for one in subcharts:
        layer = layer_of_subchart(one, above=above)
        if one.key in off_keys:
            off.append(layer.label)
            continue
        # Helm lays what a chart says at the root before it looks at those inside it.
        keys = {inner.key for inner in one.subcharts}
        own = coalesced(whole, own_tree(layer), keys) if keys else whole
        inside = switched(own, one.subcharts, above=layer.label, at=(*at, one.key))
        on.append(replace(one, subcharts=inside.on))
        off.extend(inside.off)
    return Switched(tuple(on), tuple(off))


def _is_on(whole: Tree, one: Subchart, at: Path) -> bool:
    for condition in one.condition.strip().split(","):
        found = found_at(whole, (*at, *condition.split(".")))
        if found is not None and found.truth is not None:
            return found.truth
    leaves = [found_at(whole, ("tags", tag)) for tag in one.tags]
    said = {leaf.truth for leaf in leaves if leaf is not None}
    return True in said or False not in said
