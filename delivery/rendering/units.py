"""What one unit is rendered from and what comes of it, as plain data.

A unit is a workload with the overlays attached to it, a standalone overlay, or a
manifest binding. Nothing is rendered, opened or looked up here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from delivery.rendering.kubernetes import Kind
from environments.desired.state import VariableState

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
    def is_definition(self) -> bool:
        """Whether it defines a kind."""
        return self.kind == "CustomResourceDefinition"

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
