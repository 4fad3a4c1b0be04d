"""Reading an uploaded chart: ``python -m delivery.rendering.chart_child``.

The archive comes on standard input, what it tells of itself goes out as one JSON map.
The process is limited and short-lived, so that a hostile archive costs its uploader a
refusal and nobody else anything.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import delivery.rendering
from delivery.rendering.charts import ChartRefused, read_chart_archive
from delivery.rendering.limits import Limits, limit_cpu_from_now, limit_this_process
from delivery.rendering.subcharts import listed_subcharts

MIB: Final = 1 << 20
SECONDS: Final = 30
READ_AT_ONCE: Final = 2
MOST_SHOWN: Final = MIB // 2
"""Bytes of a file that pages read and lay out; a second a megabyte, and more."""
LIMITS: Final = Limits(address_space=1024 * MIB, cpu_seconds=20, file_size=0)

_TOO_LARGE: Final = "# Too large to be shown here. Helm reads it as it is.\n"
_ROOT: Final = Path(delivery.rendering.__file__).parents[2]
_places = threading.BoundedSemaphore(READ_AT_ONCE)


def facts_of(data: bytes) -> dict[str, str]:
    """Return name, version, digest, app version and description of a chart.

    With the texts of its ``values.yaml`` and ``values.schema.json`` for pages, empty
    where they are missing or no UTF-8, and no more than a word where they are larger
    than `MOST_SHOWN`; and ``subcharts``, as `listed_subcharts` writes them.

    :raises ChartRefused: as `read_chart_archive`, or when reading takes too much.
    """
    with _places:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "delivery.rendering.chart_child"],
                input=data,
                capture_output=True,
                timeout=SECONDS,
                cwd="/",
                env={"PATH": "", "PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"},
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise ChartRefused("too_slow") from late
    if done.returncode:
        raise ChartRefused("too_costly")
    answer: dict[str, Any] = json.loads(done.stdout)
    if "refused" in answer:
        raise ChartRefused(*answer["refused"])
    return answer


def main() -> None:
    """Answer for the archive on standard input."""
    limit_this_process(LIMITS)
    limit_cpu_from_now(LIMITS.cpu_seconds)
    try:
        chart = read_chart_archive(sys.stdin.buffer.read())
    except ChartRefused as refusal:
        answer: dict[str, Any] = {
            "refused": [refusal.reason, refusal.path, refusal.detail]
        }
    else:
        answer = {
            "name": chart.name,
            "version": chart.version,
            "digest": chart.digest,
            "app_version": chart.app_version,
            "description": chart.description,
            "values": _text(chart.files.get("values.yaml", b""), instead=_TOO_LARGE),
            "schema": _text(chart.files.get("values.schema.json", b"")),
            "subcharts": listed_subcharts(chart),
        }
    sys.stdout.write(json.dumps(answer))


def _text(content: bytes, *, instead: str = "") -> str:
    if len(content) > MOST_SHOWN:
        return instead
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""


if __name__ == "__main__":
    main()
