"""Whether Helm in process must print what the program prints, told from the texts.

The two differ in what they know of a cluster and of Helm's own build, so nothing that
can see these may be rendered in process. A scan may say no too often (that costs the
start of a program); it says yes only where no text names what differs.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from delivery.rendering.rootscan import shows_context
from delivery.rendering.scanning import Scan

_CLUSTER: Final = re.compile(r"Capabilities|[kK]ubeVersion")
_FILES: Final = re.compile(r"\bFiles\b")
_NEGATIVE_ZERO: Final = re.compile(
    r"(?<![\w.])-(?:0[0_]*\.?[0_]*|\.0[0_]*)(?:[eE][-+]?\d+)?(?![\w.])"
)
_STREAM: Final = re.compile(r"^(?:---|\.\.\.|%)", re.MULTILINE)
_PLAIN_VERSION: Final = re.compile(r"(?:v?\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)?")
_PLAIN_API: Final = re.compile(r"[A-Za-z0-9./-]+")


@dataclass(frozen=True)
class Suited:
    """What else a chart that may be rendered in process could print."""

    may_hook: bool
    has_crds: bool


def suited_chart(
    files: Mapping[str, bytes], scan: Scan, *, is_application: bool
) -> Suited | None:
    """Tell what a chart prints in process, or nothing where the program must do it.

    ``files`` are those of its subcharts too, by their paths in the packed chart.
    """
    if scan.may_differ or scan.uses_capabilities or not is_application:
        return None
    templates = [path for path in files if "templates" in path.split("/")]
    read = _texts(files, templates)
    if any(map(_FILES.search, read)):
        read = _texts(files, files)
    else:
        read += _texts(files, (path for path in files if path.endswith(".yaml")))
    if any(map(_CLUSTER.search, read)) or shows_context(read):
        return None
    return Suited(
        may_hook=any("hook" in text for text in read),
        has_crds=any("crds" in path.split("/") for path in files),
    )


def suited_request(
    chart: Suited | None,
    scan: Scan,
    values: Iterable[str],
    *,
    kubernetes_version: str,
    api_versions: Iterable[str],
) -> Suited | None:
    """Tell the same of a chart with values, broad to narrow.

    What the program would refuse or read in its own way is left to it.
    """
    if chart is None or not _PLAIN_VERSION.fullmatch(kubernetes_version):
        return None
    if not all(map(_PLAIN_API.fullmatch, api_versions)):
        return None
    may_hook = chart.may_hook
    for text in values:
        if not _plain_values(text) or (scan.uses_tpl and shows_context([text])):
            return None
        may_hook |= "hook" in text
    return Suited(may_hook, chart.has_crds)


def _plain_values(text: str) -> bool:
    """Tell whether values survive their way through JSON and name no cluster.

    JSON in Python knows no negative zero among whole numbers; several documents in
    one file are for the program to merge.
    """
    return not (
        _CLUSTER.search(text)
        or _NEGATIVE_ZERO.search(text)
        or _STREAM.search(text.removeprefix("---\n"))
    )


def _texts(files: Mapping[str, bytes], paths: Iterable[str]) -> list[str]:
    return [files[path].decode("utf-8", "replace") for path in paths]
