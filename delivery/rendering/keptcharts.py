"""Charts that a rendering child holds on disk, by digest, and edited copies of them.

A chart is read and checked once, then kept as a packed archive in the child's private
folder; only what a scan found out about it stays in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from delivery.rendering.charts import ChartArchive, pack, read_chart_archive
from delivery.rendering.scanning import (
    CLOCK_FUNCTIONS,
    Scan,
    shift_clock,
    shift_clock_in_yaml,
)
from delivery.rendering.suiting import Suited


@dataclass(frozen=True)
class KeptChart:
    """A packed chart: where it lies, and what its texts make use of."""

    path: Path
    name: str
    version: str
    scan: Scan
    suited: Suited | None

    @classmethod
    def keep(cls, data: bytes, folder: Path) -> Self:
        """Check an uploaded chart and keep it in a folder.

        :raises ChartRefused: as `read_chart_archive`.
        """
        chart = read_chart_archive(data)
        path = folder / f"{chart.digest}.tgz"
        path.write_bytes(pack(chart))
        return cls(path, chart.name, chart.version, chart.scan, chart.suited)

    def with_shifted_clock(self) -> Path:
        """Give a copy whose templates see another time; itself if none asks."""
        if not self.scan.functions & CLOCK_FUNCTIONS:
            return self.path
        path = self.path.with_suffix(".shifted.tgz")
        if not path.exists():
            self._write_copy(path, lambda chart: _edited(chart, _shifted))
        return path

    def without(self, templates: frozenset[str]) -> Path | None:
        """Give a copy with some templates emptied; nothing if one is not found.

        Templates are named as Helm does: ``chart/charts/sub/templates/x.yaml``.
        """
        path = self.path.with_suffix(".partial.tgz")
        chart = read_chart_archive(self.path.read_bytes())
        for template in templates:
            owner, _, below = template.partition("/")
            emptied = _emptied(chart, below) if owner == chart.name else None
            if emptied is None:
                return None
            chart = emptied
        path.write_bytes(pack(chart))
        return path

    def _write_copy(
        self, path: Path, edit: Callable[[ChartArchive], ChartArchive]
    ) -> None:
        path.write_bytes(pack(edit(read_chart_archive(self.path.read_bytes()))))


def _edited(chart: ChartArchive, edit: Callable[[str, bytes], bytes]) -> ChartArchive:
    return replace(
        chart,
        files={path: edit(path, content) for path, content in chart.files.items()},
        subcharts=tuple(_edited(subchart, edit) for subchart in chart.subcharts),
    )


def _shifted(path: str, content: bytes) -> bytes:
    if path == "Chart.yaml" or b"{{" not in content:
        return content
    shift = shift_clock if "templates" in path.split("/") else shift_clock_in_yaml
    try:
        return shift(content.decode()).encode()
    except UnicodeDecodeError:
        return content


def _emptied(chart: ChartArchive, below: str) -> ChartArchive | None:
    if below in chart.files:
        return replace(chart, files={**chart.files, below: b""})
    match below.split("/", 2):
        case ["charts", name, rest]:
            for subchart in chart.subcharts:
                edited = _emptied(subchart, rest) if subchart.name == name else None
                if edited is not None:
                    others = tuple(c for c in chart.subcharts if c is not subchart)
                    return replace(chart, subcharts=(*others, edited))
    return None
