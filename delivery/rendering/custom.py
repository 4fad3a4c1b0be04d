"""Custom resources to be held against definitions of their kinds, as plain data.

Their definition may come from another unit, so this is done once all are rendered, and
only for kinds that Kubernetes itself has no schema of.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from delivery.rendering.units import Document, RenderError


@dataclass(frozen=True)
class CustomJob:
    """Resources by the unit they are of, and the texts of the definitions in question.

    ``main_source`` and ``unit`` are those of a definition: they are named when it is
    the definitions that take too much.
    """

    unit: str
    main_source: str
    kubernetes_version: str
    definitions: tuple[str, ...]
    resources: tuple[tuple[str, Document], ...]

    def to_json(self) -> dict[str, Any]:
        """Give the job as JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(
            **{
                **data,
                "definitions": tuple(data["definitions"]),
                "resources": tuple(
                    (unit, Document(**row)) for unit, row in data["resources"]
                ),
            }
        )


@dataclass(frozen=True)
class CustomResult:
    """Which of the job's resources are valid, by index, and what is refused of others.

    Resources that no definition has a schema of are neither.
    """

    valid: tuple[int, ...] = ()
    errors: tuple[RenderError, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the result as JSON's own types."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(
            tuple(data["valid"]),
            tuple(RenderError(**row) for row in data["errors"]),
        )
