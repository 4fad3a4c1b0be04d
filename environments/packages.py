"""Packaged charts, read by the checked reader before any transaction begins.

Reading may take seconds in a child: no lock of the database waits for it. Storing a
chart is the action's.
"""

from dataclasses import dataclass

from environments import ports
from gitopshq.core.errors import FieldError, ValidationError


@dataclass(frozen=True, slots=True)
class PackagedChart:
    """An archive, and what the checked reader found in it."""

    data: bytes
    read: ports.ReadChart


def read_package(data: bytes) -> PackagedChart:
    """Have an uploaded ``.tgz`` read.

    :raises ValidationError: when the archive is refused
    """
    try:
        return PackagedChart(data, ports.chart_reader.answer(data))
    except ports.ChartUnreadable as refused:
        where = f"{refused.path}: " if refused.path else ""
        error = FieldError("/file", "invalid_chart", refused.reason, file=refused.path)
        raise ValidationError(
            summary=f"the chart is refused: {where}{refused.reason}", errors=[error]
        ) from refused
