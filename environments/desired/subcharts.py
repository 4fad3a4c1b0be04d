"""The charts inside a chart, as they were written down when it was uploaded.

They are kept as one JSON text. What their values come to beside others is not known
here.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Subchart:
    """A chart in ``charts/``, once for every dependency that names it.

    ``condition`` and ``tags`` switch it on and off as Helm says; ``is_listed`` unless
    no dependency names it; ``imports`` tells whether the chart above takes values of it
    for its own. ``values`` is the text of its ``values.yaml``.
    """

    name: str
    version: str
    alias: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    is_listed: bool = True
    imports: bool = False
    values: str = ""
    subcharts: "tuple[Subchart, ...]" = ()

    @property
    def key(self) -> str:
        """The key under which the chart above speaks of it."""
        return self.alias or self.name


def write_subcharts(subcharts: Iterable[Subchart]) -> str:
    """Return the text that `read_subcharts` reads."""
    return json.dumps([_written(one) for one in subcharts])


@lru_cache(maxsize=64)
def read_subcharts(text: str) -> tuple[Subchart, ...] | None:
    """Read what was written down; None where nothing was.

    The answer is shared and frozen.
    """
    return _read(json.loads(text)) if text else None


def _written(one: Subchart) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in Subchart.__slots__}
    return {**fields, "subcharts": [_written(inner) for inner in one.subcharts]}


def _read(listed: list[dict[str, Any]]) -> tuple[Subchart, ...]:
    return tuple(
        Subchart(
            **{
                **one,
                "tags": tuple(one["tags"]),
                "subcharts": _read(one["subcharts"]),
            }
        )
        for one in listed
    )
