"""The checked chart reader, as ``environments`` asks for it through its port.

It reads in a limited child: the web process never opens what was uploaded.
"""

from dataclasses import dataclass
from typing import Final

from delivery.rendering.chart_child import facts_of
from delivery.rendering.charts import ChartRefused
from environments.ports import ChartUnreadable

_WORDS: Final = {
    "absolute_path": "an absolute path may not stand in an archive",
    "bad_api_version": "its apiVersion is neither v1 nor v2",
    "bad_chart_yaml": "Chart.yaml cannot be read",
    "bad_name": "its name is no name of a chart",
    "bad_path": "a path that no chart may hold",
    "bad_schema": "values.schema.json is no schema",
    "bad_type": "its type is neither application nor library",
    "bad_version": "its version is no semantic version",
    "duplicate_path": "the same path stands in it twice",
    "duplicate_subchart": "the same subchart stands in it twice",
    "file_outside_root": "a file stands outside the folder of the chart",
    "file_too_large": "a file is too large",
    "link": "links may not stand in a chart",
    "missing_subchart": "a dependency is not packed into charts/",
    "nested_too_deep": "subcharts are nested too deep",
    "no_chart_yaml": "there is no Chart.yaml",
    "not_an_archive": "is no gzipped tar",
    "parent_path": "a path may not hold '..'",
    "path_too_long": "a path is too long",
    "schema_reference": "a schema may refer to nothing outside itself",
    "several_roots": "there is more than one folder at the top",
    "special_file": "devices and pipes may not stand in a chart",
    "too_costly": "takes too much memory to read",
    "too_large": "is too large once unpacked",
    "too_many_files": "holds too many files",
    "too_slow": "takes too long to read",
}


@dataclass(frozen=True, slots=True)
class ReadChart:
    """What a chart tells of itself; ``digest`` is SHA-256, hex.

    ``values`` and ``schema`` are the texts of its two files of that name;
    ``subcharts`` is for `environments.desired.subcharts` to read.
    """

    name: str
    version: str
    digest: str
    app_version: str
    description: str
    values: str
    schema: str
    subcharts: str


def read_chart(data: bytes) -> ReadChart:
    """Return what an uploaded ``.tgz`` tells of itself.

    :raises ChartUnreadable: with the reason and the file in the archive
    """
    try:
        return ReadChart(**facts_of(data))
    except ChartRefused as refusal:
        raise ChartUnreadable(_said(refusal), refusal.path) from refusal


def _said(refusal: ChartRefused) -> str:
    words = _WORDS.get(refusal.reason, refusal.reason.replace("_", " "))
    return f"{words} ({refusal.detail})" if refusal.detail else words
