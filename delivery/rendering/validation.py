"""Resources held against the Kubernetes schemas of their target's version.

For the rendering child: it compiles a schema once, and a document may be hostile.
Messages name places and what may stand there, never what stands there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jsonschema_rs import (
    Registry,
    ValidationError,
    ValidationErrorKind,
    Validator,
    validator_for,
)

from delivery.rendering.kubernetes import (
    DEFINITIONS,
    Kind,
    Minor,
    definition_names,
    nearest,
    read_definitions,
)
from delivery.rendering.units import Document
from environments.desired.yamljson import Json, read_json

MAX_ERRORS: Final = 20
"""So many are told of one resource: who meets more is helped by the first ones."""

_BASE: Final = "https://kubernetes.invalid/definitions.json"
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_ARTICLES: Final = {"array": "a list", "object": "a map", "integer": "an integer"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What a schema refuses, in words that name the place; ``path`` leads there."""

    words: str
    path: tuple[str | int, ...] = ()


def faults(document: Document, kubernetes_version: str) -> Iterator[Fault]:
    """Yield what the schema of its kind refuses in a resource, each with its place.

    Nothing for a kind without a schema: whoever shows the outcome says so.

    :raises NotYaml: a limit of reading was passed.
    """
    release = nearest(kubernetes_version)
    validator = _validator(release, Kind(document.api_version, document.kind))
    if validator is None:
        return
    tree = read_json(document.text)
    try:
        found = list(_first(validator, tree))
    except ValueError:
        # The validator's own limit on levels; no kind of Kubernetes comes near it.
        yield Fault(f"it is nested deeper than Kubernetes {release} reads")
        return
    for path, words in found:
        yield Fault(f"{_pointer(path)} {words} (Kubernetes {release})", path)


def _first(
    validator: Validator, tree: Json
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    told = 0
    for error in validator.iter_errors(tree):
        words = _words(error.kind)
        if words is None:
            continue
        told += 1
        if told > MAX_ERRORS:
            yield (), "has more that the schema refuses"
            return
        yield tuple(error.instance_path), words


def _words(kind: ValidationErrorKind) -> str | None:
    """Say what is wrong without a word of the value; None for what is fine.

    A cluster takes null for a quantity, which is one of two things in the schema.
    """
    words: str | None = f"breaks the rule {kind.name}"
    match kind:
        case ValidationErrorKind.OneOfMultipleValid():
            words = None
        case ValidationErrorKind.Type(types=types):
            words = f"must be {_alternatives(types)}"
        case ValidationErrorKind.OneOfNotValid(context=branches):
            words = f"must be {_alternatives(_types(branches))}"
        case ValidationErrorKind.Required(property=name):
            words = f"lacks the required field {name}"
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            words = f"has no field {', '.join(sorted(names)[:MAX_ERRORS])}"
        case ValidationErrorKind.Enum(options=options):
            words = f"must be {' or '.join(map(str, options))}"
    return words


def _types(branches: Iterable[Iterable[ValidationError]]) -> list[str]:
    return [
        name
        for branch in branches
        for error in branch
        if isinstance(error.kind, ValidationErrorKind.Type)
        for name in error.kind.types
    ]


def _alternatives(types: list[str]) -> str:
    named = dict.fromkeys(_ARTICLES.get(one, f"a {one}") for one in sorted(types))
    return " or ".join(one for one in named if one != "a null")


def _pointer(path: Iterable[str | int]) -> str:
    """Name a place by JSON Pointer; the resource as a whole is "it"."""
    keys = (str(key).replace("~", "~0").replace("/", "~1") for key in path)
    return "".join(f"/{key}" for key in keys) or "it"


@lru_cache(maxsize=4)
def _schemas(release: Minor) -> tuple[Registry, dict[Kind, str]]:
    definitions = read_definitions(release)
    # Nothing is ever dialled: every reference stays in this one document.
    registry = Registry([(_BASE, {**definitions, "$id": _BASE})])
    return registry, definition_names(definitions)


@lru_cache(maxsize=256)
def _validator(release: Minor, kind: Kind) -> Validator | None:
    registry, names = _schemas(release)
    if kind not in names:
        return None
    schema: dict[str, Any] = {
        "$schema": _DRAFT,
        "$ref": f"{_BASE}#/{DEFINITIONS}/{names[kind]}",
    }
    return validator_for(schema, registry=registry, validate_formats=False)
