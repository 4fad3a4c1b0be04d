"""Schemas of custom resources: from a CustomResourceDefinition to JSON Schema.

A cluster reads ``openAPIV3Schema`` as a structural schema: fields that no schema of a
place names are not kept, so they are refused here, as kubectl, Argo CD and Flux refuse
them. What it checks by rules in code (CEL, formats) is left to the cluster. References
are not copied: nothing outside the definition is ever read.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from delivery.rendering.kubernetes import Kind
from environments.desired.yamljson import Json

MAX_LEVELS: Final = 100
"""Schemas in one another; the deepest of well-known definitions has about 25."""
API_VERSION: Final = "apiextensions.k8s.io/v1"

_COPIED: Final = (
    *("pattern", "minLength", "maxLength", "multipleOf", "minItems", "maxItems"),
    *("minProperties", "maxProperties", "required", "uniqueItems"),
)
_BRANCHES: Final = ("allOf", "anyOf", "oneOf")
_OPEN: Final = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED: Final = "x-kubernetes-embedded-resource"
_INT_OR_STRING: Final = "x-kubernetes-int-or-string"


class NotStructural(Exception):
    """A schema that no cluster would take, or deeper than is looked at."""


def served_schemas(
    definition: Json, metadata: Mapping[str, Any]
) -> Iterator[tuple[Kind, dict[str, Any] | None]]:
    """Yield each kind that a definition serves, with its schema or ``None``.

    ``metadata`` is the schema of what every resource says of itself. A schema is
    ``None`` where it cannot be used; so is a version that is not served.
    """
    spec = _map(_map(definition).get("spec"))
    group, kind = spec.get("group"), _map(spec.get("names")).get("kind")
    versions = spec.get("versions")
    for version in versions if isinstance(versions, list) else ():
        row = _map(version)
        if row.get("served") is not True:
            continue
        try:
            schema = json_schema(_map(row.get("schema")), metadata)
        except NotStructural:
            schema = None
        yield Kind(f"{group}/{row.get('name')}", str(kind)), schema


def json_schema(
    schema: Mapping[str, Any], metadata: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Turn the ``schema`` of a version into JSON Schema; None where it has none.

    :raises NotStructural: it is no map where one must be, or too deep.
    """
    root = schema.get("openAPIV3Schema")
    if not isinstance(root, dict):
        return None
    return _resource(_Reader(metadata).read(root, 0), metadata)


def _resource(schema: dict[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Give the schema of a whole resource the fields that every resource has."""
    about = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": dict(metadata),
    }
    return {**schema, "properties": {**schema.get("properties", {}), **about}}


class _Reader:
    """Reads schemas in one another; ``level`` counts them from the root."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self.metadata = metadata

    def read(
        self, given: Json, level: int, *, is_branch: bool = False
    ) -> dict[str, Any]:
        """Read a schema. A branch adds rules to a place and names no fields of it."""
        if not isinstance(given, dict) or level > MAX_LEVELS:
            raise NotStructural
        made: dict[str, Any] = {key: given[key] for key in _COPIED if key in given}
        made |= _bounds(given)
        made |= _types(given)

        def inner(schema: Json) -> dict[str, Any]:
            return self.read(schema, level + 1, is_branch=is_branch)

        made |= _fields(given, inner, is_closed=not is_branch and not given.get(_OPEN))
        if "items" in given:
            made["items"] = inner(given["items"])
        branches = self._branches(given, level + 1)
        made |= _unless_null(branches) if _takes_null(given) else branches
        return _resource(made, self.metadata) if given.get(_EMBEDDED) is True else made

    def _branches(self, given: Mapping[str, Any], level: int) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key in _BRANCHES:
            if key in given:
                rows = given[key] if isinstance(given[key], list) else [None]
                made[key] = [self.read(row, level, is_branch=True) for row in rows]
        if "not" in given:
            made["not"] = self.read(given["not"], level, is_branch=True)
        return made


def _fields(
    given: Mapping[str, Any],
    inner: Callable[[Json], dict[str, Any]],
    *,
    is_closed: bool,
) -> dict[str, Any]:
    made: dict[str, Any] = {}
    named, others = given.get("properties"), given.get("additionalProperties")
    if isinstance(named, dict) and named:
        made["properties"] = {key: inner(value) for key, value in named.items()}
        if is_closed:
            made["additionalProperties"] = False
    if isinstance(others, bool):
        made["additionalProperties"] = others
    elif others is not None:
        made["additionalProperties"] = inner(others)
    return made


def _bounds(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read least and greatest values, which OpenAPI leaves out by a word beside."""
    made = {}
    for bound, without in (
        ("minimum", "exclusiveMinimum"),
        ("maximum", "exclusiveMaximum"),
    ):
        if bound in given:
            made[without if given.get(without) is True else bound] = given[bound]
    return made


def _types(given: Mapping[str, Any]) -> dict[str, Any]:
    """Read what kinds of value may stand here, and which.

    A null may stand where the schema says so, and where there is a default, which the
    cluster puts in its place.
    """
    made: dict[str, Any] = {}
    nulls = ["null"] if _takes_null(given) else []
    if given.get(_INT_OR_STRING) is True:
        made["type"] = ["integer", "string", *nulls]
    elif "type" in given:
        made["type"] = [given["type"], *nulls]
    if isinstance(given.get("enum"), list):
        made["enum"] = [*given["enum"], *([None] if nulls else ())]
    return made


def _takes_null(given: Mapping[str, Any]) -> bool:
    return given.get("nullable") is True or "default" in given


def _unless_null(branches: dict[str, Any]) -> dict[str, Any]:
    """Ask branches of all but a null, as a cluster does where one may stand."""
    if not branches:
        return {}
    return {"if": {"type": "null"}, "else": branches}


def _map(tree: Json) -> dict[str, Json]:
    return tree if isinstance(tree, dict) else {}
