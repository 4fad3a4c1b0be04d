"""What lies in the ``charts/`` of a chart, one for every dependency that names it.

As Helm goes about it: what no dependency names comes first and is always there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from delivery.rendering.charts import ChartArchive
from environments.desired.subcharts import Subchart, write_subcharts
from environments.desired.texts import TextRefused, clean_text

MOST: Final = 64
"""Charts at all levels together: one named twice at each of eight would be 510."""
MOST_BYTES: Final = 2**19
"""Of all their values together; reading takes some forty times the memory."""


class _TooMuch(Exception):
    """More than a page would show."""


def listed_subcharts(chart: ChartArchive) -> str:
    """Write down all subcharts; nothing where they are too many, large or unclear."""
    try:
        return write_subcharts(_Listing().below(chart))
    except _TooMuch:
        return ""


@dataclass
class _Listing:
    count: int = 0
    size: int = 0

    def below(self, chart: ChartArchive) -> tuple[Subchart, ...]:
        return tuple(self._one(each, wanted) for each, wanted in _pairs(chart))

    def _one(self, chart: ChartArchive, wanted: dict[str, Any]) -> Subchart:
        tags = wanted.get("tags")
        made = Subchart(
            name=chart.name,
            version=chart.version,
            alias=_word(wanted.get("alias")),
            condition=_word(wanted.get("condition")),
            tags=tuple(map(_word, tags)) if isinstance(tags, list) else (),
            is_listed=bool(wanted),
            imports=bool(wanted.get("import-values")),
            values=_values(chart),
        )
        self.count += 1
        words = (made.alias, made.condition, made.values, *made.tags)
        self.size += sum(len(word.encode()) for word in words)
        if self.count > MOST or self.size > MOST_BYTES:
            raise _TooMuch
        return replace(made, subcharts=self.below(chart))


def _pairs(chart: ChartArchive) -> Iterator[tuple[ChartArchive, dict[str, Any]]]:
    named = [(_found(chart, wanted), wanted) for wanted in chart.dependencies]
    taken = {(each.name, each.version) for each, _ in named}
    for each in chart.subcharts:
        if (each.name, each.version) not in taken:
            yield each, {}
    yield from named


def _found(chart: ChartArchive, wanted: dict[str, Any]) -> ChartArchive:
    """Return the chart that a dependency means.

    Of several of one name the one of just that version: which fits a range is Helm's
    to say.
    """
    of_name = [each for each in chart.subcharts if each.name == wanted["name"]]
    if len(of_name) > 1:
        of_name = [each for each in of_name if each.version == wanted.get("version")]
    if not of_name:
        raise _TooMuch
    return of_name[0]


def _word(said: object) -> str:
    return said if isinstance(said, str) else ""


def _values(chart: ChartArchive) -> str:
    try:
        text = chart.files.get("values.yaml", b"").decode("utf-8-sig")
        return clean_text(text, path="values.yaml")
    except (TextRefused, UnicodeDecodeError):
        return ""
