"""The checked chart reader, as ``environments`` asks for it through its port."""

from delivery.rendering.charts import ChartArchive, ChartRefused, read_chart_archive
from environments.ports import ChartUnreadable


def read_chart(data: bytes) -> ChartArchive:
    """Return what an uploaded ``.tgz`` tells of itself.

    :raises ChartUnreadable: with the reason and the file in the archive
    """
    try:
        return read_chart_archive(data)
    except ChartRefused as refusal:
        raise ChartUnreadable(refusal.reason, refusal.path) from refusal
