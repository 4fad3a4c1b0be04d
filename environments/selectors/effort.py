"""What laying the values of charts inside a chart over each other would cost.

What costs is globals: each is handed to every chart inside, whoever asks for it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from environments.desired.subcharts import Subchart
from environments.selectors.coalescing import (
    GLOBAL,
    Said,
    Tree,
    layer_of_subchart,
    own_tree,
)

MOST_HANDED: Final = 50_000
"""Values that are handed down for one preview, a few tenths of a second."""


def is_too_much(
    trees: Sequence[Tree], subcharts: Sequence[Subchart], *, above: str
) -> bool:
    """Tell whether charts get more values than a preview lays out.

    *trees* are what the chart *above* them says, and we.
    """
    # The keys at the top are copied along as well, once for each chart.
    handed = sum(len(tree) + _globals(tree) for tree in trees)
    return _handed_to(subcharts, handed, above) > MOST_HANDED


def _handed_to(subcharts: Sequence[Subchart], handed: int, above: str) -> int:
    total = 0
    for one in subcharts:
        layer = layer_of_subchart(one, above=above)
        total += handed
        if one.subcharts:
            below = handed + _globals(own_tree(layer))
            total += _handed_to(one.subcharts, below, layer.label)
    return total


def _globals(said: Said, *, is_global: bool = False) -> int:
    """Count the values that stand below ``global`` anywhere."""
    if not isinstance(said, Mapping):
        return int(is_global)
    return sum(
        _globals(value, is_global=is_global or key == GLOBAL)
        for key, value in said.items()
    )
