"""What one unit is rendered from and what comes of it, as plain data.

A unit is a workload with the overlays attached to it, a standalone overlay, or a
manifest binding. Nothing is rendered, opened or looked up here.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from delivery.rendering import api_versions
from delivery.rendering.kubernetes import Kind, schemas_for
from environments.desired.placeholders import Placeholder, find
from environments.desired.scoping import VariableIndex
from environments.desired.state import VariableState
from environments.desired.substitution import find_used
from environments.desired.texts import TextRefused

UnitKind = Literal["workload", "overlay", "manifests"]
SecretsInGit = Literal["refuse", "plain"]
ErrorCode = Literal["template_error", "variable_unresolved"]


@dataclass(frozen=True)
class UnitFile:
    """A text with its placeholders: ``source`` names it to people (domain 4).

    ``path`` is its place in the folder that an engine is given.
    """

    source: str
    path: str
    text: str


@dataclass(frozen=True)
class UnitOverlay:
    """The files of one Kustomize binding."""

    name: str
    files: tuple[UnitFile, ...]


@dataclass(frozen=True)
class ChartReference:
    """A chart by the SHA-256 of its uploaded bytes."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True)
class UnitJob:
    """Everything one rendering depends on, engines aside; JSON-able.

    ``unit`` is the release name for Helm. ``layers`` go from broad to narrow. A
    workload has a chart, layers and any overlays attached to it; a standalone overlay
    has one overlay; a manifest binding has ``files``. ``service`` is the workload whose
    ``svc`` variables are seen. ``variables`` are all rows that may win here; ``sealed``
    holds the sealed text of each secret's fingerprint.
    """

    unit: str
    kind: UnitKind
    namespace: str
    kubernetes_version: str = ""
    api_versions: tuple[str, ...] = ()
    service: str | None = None
    chart: ChartReference | None = None
    layers: tuple[UnitFile, ...] = ()
    overlays: tuple[UnitOverlay, ...] = ()
    files: tuple[UnitFile, ...] = ()
    variables: tuple[VariableState, ...] = ()
    sealed: tuple[tuple[str, str], ...] = ()
    secrets_in_git: SecretsInGit = "refuse"
    allow_nondeterministic: bool = False

    @property
    def main_source(self) -> str:
        """The file to name when an error belongs to no file in particular."""
        if self.kind == "workload":
            return f"workloads/{self.unit}/workload.yaml"
        return next((file.source for file in self.texts()), "")

    @property
    def targets(self) -> frozenset[str]:
        """The folder of each target that the overlays belong to: one, or none."""
        files = (file for overlay in self.overlays for file in overlay.files)
        return frozenset("/".join(file.source.split("/")[:3]) for file in files)

    def texts(self) -> Iterator[UnitFile]:
        """Yield every text in which placeholders may stand."""
        yield from self.layers
        for overlay in self.overlays:
            yield from overlay.files
        yield from self.files

    def to_json(self) -> dict[str, Any]:
        """Give the job as JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        chart = data["chart"]
        return cls(
            **{
                **data,
                "api_versions": tuple(data["api_versions"]),
                "chart": chart and ChartReference(**chart),
                "layers": _files(data["layers"]),
                "overlays": tuple(
                    UnitOverlay(each["name"], _files(each["files"]))
                    for each in data["overlays"]
                ),
                "files": _files(data["files"]),
                "variables": tuple(VariableState(**row) for row in data["variables"]),
                "sealed": tuple((pair[0], pair[1]) for pair in data["sealed"]),
            }
        )


def _files(rows: list[dict[str, str]]) -> tuple[UnitFile, ...]:
    return tuple(UnitFile(**row) for row in rows)


@dataclass(frozen=True)
class Document:
    """One resource: its identity as printed, and its text with one final newline.

    ``namespace`` is ``None`` where the resource names none. ``source`` is the file to
    name when something is wrong with it, as in `RenderError`, and ``line`` where it
    begins there, if it stands there as it is.
    """

    api_version: str
    kind: str
    namespace: str | None
    name: str
    text: str
    source: str = ""
    line: int | None = None

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api_version.rpartition("/")[0]

    @property
    def versioned_kind(self) -> Kind:
        """What schemas and the ends of API versions are found by."""
        return Kind(self.api_version, self.kind)

    @property
    def title(self) -> str:
        """The resource in words, as errors name it."""
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class RenderError:
    """One thing that is wrong, with its place.

    ``file`` is a path of the ``source`` layout, or ``<chart>/templates/…`` for a file
    of the chart. ``line`` counts from 1. ``reason`` is a word for programs; ``message``
    is for people, holding neither host paths nor secrets. ``variable`` is the one at
    fault, as a placeholder names it after ``hq.var.``.
    """

    code: ErrorCode
    unit: str
    message: str
    file: str = ""
    line: int | None = None
    reason: str = ""
    variable: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the error as the API shows it."""
        return asdict(self)


@dataclass(frozen=True)
class UnitResult:
    """The documents of a unit in the engines' order, or every error found."""

    unit: str
    documents: tuple[Document, ...] = ()
    errors: tuple[RenderError, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the result as JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(
            data["unit"],
            tuple(Document(**row) for row in data["documents"]),
            tuple(RenderError(**row) for row in data["errors"]),
        )


class UnitRefused(Exception):
    """A unit cannot be rendered; carries every error found so far."""

    def __init__(self, *errors: RenderError) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


def unit_key(
    job: UnitJob, engines: Mapping[str, str], index: VariableIndex | None = None
) -> str:
    """Give the name of a unit's output: SHA-256 in hex over all it depends on.

    Only variables that a text makes use of count, each by its value or, for a secret,
    by its fingerprint: an edit elsewhere keeps the key. ``index`` holds the rows of
    ``job.variables`` and may hold those of other services.
    """
    index = index or VariableIndex(job.variables)
    inputs = {
        "format": 2,
        "unit": job.unit,
        "kind": job.kind,
        "namespace": job.namespace,
        "kubernetes": job.kubernetes_version,
        "apiVersions": api_versions.REVISION,
        "schemas": str(schemas_for(job.kubernetes_version) or ""),
        "apis": job.api_versions,
        "chart": job.chart and job.chart.digest,
        "layers": [_file_key(file, job, index) for file in job.layers],
        "overlays": [
            [overlay.name, [_file_key(file, job, index) for file in overlay.files]]
            for overlay in job.overlays
        ],
        "files": [_file_key(file, job, index) for file in job.files],
        "secrets": job.secrets_in_git,
        "nondeterministic": job.allow_nondeterministic,
        "engines": dict(sorted(engines.items())),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def _file_key(file: UnitFile, job: UnitJob, index: VariableIndex) -> list[Any]:
    answers: dict[str, list[str | None]] = {}
    for placeholder in _used(file):
        row = next(
            iter(index.answers(placeholder.key, job.service, placeholder.scope)), None
        )
        name = f"{placeholder.scope or ''}.{placeholder.key}"
        answers[name] = [row.value, row.fingerprint] if row else [None, None]
    text = hashlib.sha256(file.text.encode()).hexdigest()
    return [file.source, file.path, text, sorted(answers.items())]


def _used(file: UnitFile) -> list[Placeholder]:
    """List the placeholders that get a value; reading YAML only where it may matter."""
    found = find(file.text)
    if not any("#" in _before(file.text, each) for each in found):
        return found
    try:
        return find_used(file.text, path=file.source)
    except TextRefused:
        # Rendering it will say so; until then every name counts.
        return found


def _before(text: str, placeholder: Placeholder) -> str:
    """Give what stands on the line before a placeholder: comments begin there."""
    return text[text.rfind("\n", 0, placeholder.start) + 1 : placeholder.start]
