"""The checked chart reader, as ``environments`` asks for it through its port.

It reads in a limited child: the web process never opens what was uploaded.
"""

from dataclasses import dataclass

from delivery.rendering.chart_child import facts_of
from delivery.rendering.charts import ChartRefused
from environments.ports import ChartUnreadable


@dataclass(frozen=True, slots=True)
class ReadChart:
    """What a chart tells of itself; ``digest`` is SHA-256, hex."""

    name: str
    version: str
    digest: str
    app_version: str
    description: str


def read_chart(data: bytes) -> ReadChart:
    """Return what an uploaded ``.tgz`` tells of itself.

    :raises ChartUnreadable: with the reason and the file in the archive
    """
    try:
        return ReadChart(**facts_of(data))
    except ChartRefused as refusal:
        raise ChartUnreadable(refusal.reason, refusal.path) from refusal
