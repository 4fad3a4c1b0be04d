"""What all layers of a workload make together in a target, and which layer says it.

For people: placeholders are filled, secrets masked. What is rendered Helm decides.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from environments.desired.placeholders import Placeholder
from environments.desired.resolving import mask_of
from environments.desired.scoping import VariableIndex
from environments.desired.subcharts import Subchart
from environments.desired.substitution import PlaceholderRefused, substitute
from environments.desired.texts import TextRefused
from environments.desired.values import Path
from environments.selectors.coalescing import (
    Leaf,
    Tree,
    as_counted,
    coalesced,
    laid_over,
    tree_of,
    with_inner,
)
from environments.selectors.effort import is_too_much
from environments.selectors.layers import CHART, Layer
from environments.selectors.switched import switched

MOST_READ: Final = 2**19
"""Characters of all layers together; reading a megabyte takes seconds."""
MOST_SHOWN: Final = 1000
"""Merged lines that are shown; a preview of more helps nobody."""


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
        """Whether the chart or one inside it says it, and none of ours."""
        return self.layer is not None and self.layer.name == CHART


@dataclass(frozen=True, slots=True)
class MergedValues:
    """All lines; the labels of charts inside that are ``off``, and what is missing.

    ``is_whole`` unless the charts inside are not known, or ``is_too_much`` to lay out;
    ``is_nested`` where some are on. With ``imports`` a chart takes values of one inside
    it for its own, which is not followed.
    """

    rows: tuple[MergedValue, ...]
    problem: str = ""
    off: tuple[str, ...] = ()
    is_whole: bool = True
    is_too_much: bool = False
    is_nested: bool = False
    imports: bool = False

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
    layers: Sequence[Layer],
    subcharts: Sequence[Subchart] | None,
    *,
    service: str,
    variables: VariableIndex,
) -> MergedValues:
    """Return what the layers, given broad to narrow, make together.

    The narrower layer wins, key by key. What *subcharts* say lies below the chart's
    own; None where that is not known. Layers over ``MOST_READ`` are not looked at.
    """

    def lookup(asked: Placeholder) -> str:
        rows = variables.answers(asked.key, service, asked.scope)
        if not rows:
            return f"<unresolved {asked.key}>"
        row = rows[0]
        return mask_of(row.fingerprint) if row.fingerprint else row.value or ""

    if sum(len(layer.text) for layer in layers) > MOST_READ:
        return MergedValues((), "These layers are too large to be laid out together.")
    charts = [layer for layer in layers if layer.name == CHART]
    ours: Tree = {}
    problem = ""
    for layer in layers:
        if layer.name == CHART:
            continue
        try:
            text = substitute(layer.text, lookup, path=layer.path)
        except (PlaceholderRefused, TextRefused) as refused:
            problem = problem or str(refused)
            text = layer.text
        ours = laid_over(tree_of(layer, text), ours)
    if not charts:
        return MergedValues(tuple(_rows(ours, ())), problem)
    return _over_chart(ours, charts[0], subcharts, problem)


def _over_chart(
    ours: Tree, chart: Layer, subcharts: Sequence[Subchart] | None, problem: str
) -> MergedValues:
    said, above = tree_of(chart), chart.label
    too_much = is_too_much((said, ours), subcharts or (), above=above)
    inner = () if too_much or subcharts is None else subcharts
    keys = {one.key for one in inner}
    all_on = coalesced(ours, said, keys)
    which = switched(all_on, inner, above=above)
    counted = as_counted(said, which.on, above=above)
    own = coalesced(ours, counted.said, {one.key for one in counted.inner})
    found = with_inner(own, counted.inner)
    return MergedValues(
        tuple(_rows(found, ())),
        problem,
        off=which.off,
        is_whole=subcharts is not None and not too_much,
        is_too_much=too_much,
        is_nested=bool(which.on),
        imports=_imports(which.on),
    )


def _rows(found: Tree, path: Path) -> Iterator[MergedValue]:
    for key, value in found.items():
        here = (*path, key)
        if isinstance(value, Leaf):
            yield MergedValue(here, value.value, value.layer, value.beaten)
        elif isinstance(value, Mapping) and (inside := list(_rows(value, here))):
            yield MergedValue(here, "")
            yield from inside


def _imports(subcharts: Sequence[Subchart]) -> bool:
    return any(one.imports or _imports(one.subcharts) for one in subcharts)
