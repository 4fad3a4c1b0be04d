"""Helm charts as uploaded: a checked ``.tgz`` becomes a `ChartArchive`, or a refusal.

Whether its templates render is not known here. `pack` writes the checked files as a
fresh archive, which is the only form of a chart that an engine ever sees.
"""

import hashlib
import io
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from delivery.rendering.archives import (
    ArchiveLimits,
    ArchiveRefused,
    read_archive,
)
from delivery.rendering.scanning import Scan, scan_files
from delivery.rendering.schemas import SchemaRefused, check_schema
from delivery.rendering.suiting import Suited, suited_chart
from environments.desired.yamlreading import NotYaml
from environments.desired.yamltrees import Tree, read_tree

MAX_NESTING: Final = 8
"""How deep charts may lie inside charts."""

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?")
_VERSION = re.compile(
    r"v?(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){0,2}"
    r"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_IGNORED = ("_", ".")


class ChartRefused(Exception):
    """A chart that is not accepted; ``reason`` is a word, ``path`` a file in it."""

    def __init__(self, reason: str, path: str = "", detail: str = "") -> None:
        super().__init__(": ".join(part for part in (reason, path, detail) if part))
        self.reason = reason
        self.path = path
        self.detail = detail


@dataclass(frozen=True)
class ChartArchive:
    """A chart that passed every check; ``files`` are without those of its subcharts.

    ``files`` maps a path below the chart's own folder to bytes. ``digest`` is the
    SHA-256 of the uploaded bytes, empty for a subchart that came as a folder.
    ``dependencies`` are as it lists them; all that are named lie in ``subcharts``.
    """

    name: str
    version: str
    digest: str
    api_version: str
    kind: str
    app_version: str
    description: str
    kube_version: str
    files: dict[str, bytes]
    subcharts: tuple["ChartArchive", ...]
    dependencies: tuple[dict[str, Tree], ...] = ()

    @cached_property
    def scan(self) -> Scan:
        """Tell what the texts of the chart and its subcharts make use of."""
        return scan_files(
            dict(_all_files(self)), declares_version=self.declares_version
        )

    @property
    def suited(self) -> Suited | None:
        """Tell what it prints in process, if that is what the program prints."""
        return suited_chart(
            dict(_all_files(self)),
            self.scan,
            is_application=self.kind == "application",
        )

    @property
    def uses_random(self) -> bool:
        """Tell whether two renderings of the same input may differ."""
        return self.scan.may_differ

    @property
    def uses_capabilities(self) -> bool:
        """Tell whether output may depend on the Kubernetes version or API list."""
        return self.scan.uses_capabilities

    @property
    def declares_version(self) -> bool:
        """Tell whether the chart or a subchart asks for Kubernetes versions."""
        return bool(self.kube_version) or any(
            subchart.declares_version for subchart in self.subcharts
        )


def read_chart_archive(
    data: bytes, limits: ArchiveLimits | None = None
) -> ChartArchive:
    """Read an uploaded ``.tgz`` and check everything that can be checked unrendered.

    :raises ChartRefused: the first thing found wrong, with the file that is.
    """
    budget = limits or ArchiveLimits()
    files = _read(data, budget, "")
    chart, _ = _chart(files, _spend(budget, files), prefix="", depth=0)
    return replace(chart, digest=hashlib.sha256(data).hexdigest())


def pack(chart: ChartArchive) -> bytes:
    """Write a chart and its subcharts as one plain ``.tgz`` that Helm can load."""
    stream = io.BytesIO()
    with tarfile.open(
        fileobj=stream, mode="w:gz", compresslevel=1, format=tarfile.PAX_FORMAT
    ) as archive:
        for path, content in _all_files(chart):
            member = tarfile.TarInfo(f"{chart.name}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def _all_files(chart: ChartArchive) -> Iterator[tuple[str, bytes]]:
    yield from chart.files.items()
    for subchart in chart.subcharts:
        for path, content in _all_files(subchart):
            folder = f"{subchart.name}-{subchart.version}"
            yield f"charts/{folder}/{path}", content


def _read(data: bytes, budget: ArchiveLimits, prefix: str) -> dict[str, bytes]:
    try:
        return read_archive(data, budget)
    except ArchiveRefused as refusal:
        raise ChartRefused(refusal.reason, prefix + refusal.path) from refusal


def _spend(budget: ArchiveLimits, files: dict[str, bytes]) -> ArchiveLimits:
    """Give what is left for archives inside the archive."""
    return replace(
        budget,
        unpacked=max(1, budget.unpacked - sum(map(len, files.values()))),
        files=max(1, budget.files - len(files)),
    )


def _chart(
    files: dict[str, bytes], budget: ArchiveLimits, *, prefix: str, depth: int
) -> tuple[ChartArchive, ArchiveLimits]:
    """Make a chart of the files below one folder; give the budget that is left."""
    if depth > MAX_NESTING:
        raise ChartRefused("nested_too_deep", prefix)
    about = _metadata(files, prefix)
    own: dict[str, bytes] = {}
    folders: dict[str, dict[str, bytes]] = {}
    archives: dict[str, bytes] = {}
    for path, content in files.items():
        match path.split("/"):
            case ["charts", name, *_] if name.startswith(_IGNORED):
                own[path] = content
            case ["charts", name] if name.endswith(".tgz"):
                archives[name] = content
            case ["charts", name, *rest] if rest:
                folders.setdefault(name, {})["/".join(rest)] = content
            case _:
                own[path] = content
    subcharts: list[ChartArchive] = []
    for name, below in sorted(folders.items()):
        subchart, budget = _chart(
            below, budget, prefix=f"{prefix}charts/{name}/", depth=depth + 1
        )
        subcharts.append(subchart)
    for name, data in sorted(archives.items()):
        inside = f"{prefix}charts/{name}/"
        below = _read(data, budget, inside)
        budget = _spend(budget, below)
        subchart, budget = _chart(below, budget, prefix=inside, depth=depth + 1)
        subcharts.append(subchart)
    _check_schema(own, prefix)
    listed = _requirements(about, own, subcharts, prefix)
    made = _made(about, own, tuple(subcharts), prefix)
    return replace(made, dependencies=listed), budget


def _metadata(files: dict[str, bytes], prefix: str) -> dict[str, Tree]:
    path = f"{prefix}Chart.yaml"
    if "Chart.yaml" not in files:
        raise ChartRefused("no_chart_yaml", path)
    about = _yaml(files["Chart.yaml"], path)
    if not isinstance(about, dict):
        raise ChartRefused("bad_chart_yaml", path)
    if about.get("apiVersion") not in {"v1", "v2"}:
        raise ChartRefused("bad_api_version", path)
    if not isinstance(name := about.get("name"), str) or not _NAME.fullmatch(name):
        raise ChartRefused("bad_name", path)
    version = about.get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise ChartRefused("bad_version", path)
    if about.get("type") not in {None, "", "application", "library"}:
        raise ChartRefused("bad_type", path)
    return about


def _yaml(content: bytes, path: str) -> Tree:
    try:
        return read_tree(content.decode("utf-8-sig"))
    except (NotYaml, UnicodeDecodeError) as refusal:
        raise ChartRefused("bad_chart_yaml", path, str(refusal)) from refusal


def _check_schema(files: dict[str, bytes], prefix: str) -> None:
    if "values.schema.json" in files:
        try:
            check_schema(files["values.schema.json"])
        except SchemaRefused as refusal:
            raise ChartRefused(
                refusal.reason, f"{prefix}values.schema.json", refusal.detail
            ) from refusal


def _requirements(
    about: dict[str, Tree],
    files: dict[str, bytes],
    subcharts: list[ChartArchive],
    prefix: str,
) -> tuple[dict[str, Tree], ...]:
    """Return what a chart lists, or refuse what Helm would have to download."""
    names = {subchart.name for subchart in subcharts}
    if len({(each.name, each.version) for each in subcharts}) < len(subcharts):
        raise ChartRefused("duplicate_subchart", f"{prefix}charts/")
    path, listed = f"{prefix}Chart.yaml", about.get("dependencies")
    if about["apiVersion"] == "v1" and "requirements.yaml" in files:
        path = f"{prefix}requirements.yaml"
        requirements = _yaml(files["requirements.yaml"], path)
        listed = (
            requirements.get("dependencies") if isinstance(requirements, dict) else None
        )
    found = []
    for wanted in listed if isinstance(listed, list) else []:
        name = wanted.get("name") if isinstance(wanted, dict) else None
        if name not in names:
            raise ChartRefused("missing_subchart", path, str(name))
        found.append(wanted)
    return tuple(found)


def _made(
    about: dict[str, Tree],
    files: dict[str, bytes],
    subcharts: tuple[ChartArchive, ...],
    prefix: str,
) -> ChartArchive:
    texts = {
        key: "" if about.get(key) is None else about[key]
        for key in ("type", "appVersion", "description", "kubeVersion")
    }
    for key, value in texts.items():
        if not isinstance(value, str):
            raise ChartRefused("bad_chart_yaml", f"{prefix}Chart.yaml", key)
    return ChartArchive(
        name=about["name"],
        version=about["version"],
        digest="",
        api_version=about["apiVersion"],
        kind=texts["type"] or "application",
        app_version=texts["appVersion"],
        description=texts["description"],
        kube_version=texts["kubeVersion"],
        files=files,
        subcharts=subcharts,
    )
