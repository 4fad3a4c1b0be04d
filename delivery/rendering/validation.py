"""Resources held against the Kubernetes schemas of their target's version.

For the rendering child: it compiles a schema once, and a document may be hostile.
Messages name places and what may stand there, never what stands there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from jsonschema_rs import (
    RegexOptions,
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
    read_definitions,
    schemas_for,
)
from delivery.rendering.units import Document
from environments.desired.yamljson import Json, lines_at

MAX_ERRORS: Final = 20
"""So many are told of one resource: who meets more is helped by the first ones."""
MAX_MESSAGE: Final = 2_000
"""A chart may make a field's name as long as it likes."""
MAX_PATTERN: Final = 4 << 20
"""Bytes of a compiled pattern: over twice what a cluster's own limit on repeats lets
through."""

_BASE: Final = "https://kubernetes.invalid/definitions.json"
_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_PHRASES: Final[dict[type, str]] = {
    ValidationErrorKind.Required: "lacks the required field {0.property}",
    ValidationErrorKind.Pattern: "must match {0.pattern}",
    ValidationErrorKind.Minimum: "must be at least {0.limit}",
    ValidationErrorKind.Maximum: "must be at most {0.limit}",
    ValidationErrorKind.MinItems: "must have at least {0.limit} items",
    ValidationErrorKind.MaxItems: "must have at most {0.limit} items",
    ValidationErrorKind.MinLength: "must be at least {0.limit} characters long",
    ValidationErrorKind.MaxLength: "must be at most {0.limit} characters long",
}
_ARTICLES: Final = {"array": "a list", "object": "a map", "integer": "an integer"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What a schema refuses, in words that name the place; ``path`` leads there."""

    words: str
    path: tuple[str | int, ...] = ()


def faults(kind: Kind, read: Json, kubernetes_version: str) -> tuple[Fault, ...]:
    """Give what the schema of its kind refuses in a resource, each with its place.

    ``read`` is the resource as ``yamljson`` reads it. Nothing is given for a kind
    without a schema: whoever shows the outcome says so.
    """
    release = schemas_for(kubernetes_version)
    validator = _validator(release, kind) if release else None
    if validator is None:
        return ()
    return faults_by(validator, read, f"Kubernetes {release}")


def faults_by(validator: Validator, read: Json, name: str) -> tuple[Fault, ...]:
    """Give what a schema refuses in a resource; ``name`` says whose schema it is."""
    try:
        found = list(_first(validator, read))
    except ValueError:
        # The validator's own limit on levels; no kind of Kubernetes comes near it.
        return (Fault(f"it is nested deeper than {name} reads"),)
    return tuple(
        Fault(f"{_pointer(path)} {words} ({name})", path) for path, words in found
    )


def with_lines(
    document: Document, found: Sequence[Fault]
) -> Iterator[tuple[Fault, int | None]]:
    """Yield each fault with its line in its file, where the resource stands there."""
    if document.line is None or not found:
        yield from ((fault, None) for fault in found)
        return
    lines = lines_at(document.text, [fault.path for fault in found])
    for fault, line in zip(found, lines, strict=True):
        yield fault, document.line + line - 1


def compiled(schema: dict[str, Any], release: Minor | None) -> Validator:
    """Compile a schema, which may refer to those of a Kubernetes release.

    Patterns are of the kind that takes time in proportion to the text (as those of a
    cluster are, which is written in Go), and no larger than ``MAX_PATTERN``.

    :raises ValueError: a pattern that is none, too large or of another kind; a schema
        that is none; too many levels.
    """
    return validator_for(
        {"$schema": _DRAFT, **schema},
        # Nothing is ever dialled: every reference stays in this one document.
        registry=_schemas(release)[0] if release else None,
        offline=True,
        validate_formats=False,
        pattern_options=RegexOptions(
            size_limit=MAX_PATTERN, dfa_size_limit=MAX_PATTERN
        ),
    )


def reference(name: str) -> dict[str, Any]:
    """Refer to a schema of a Kubernetes release by its name there."""
    return {"$ref": f"{_BASE}#/{DEFINITIONS}/{name}"}


def _first(
    validator: Validator, tree: Json
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    told = 0
    for error in validator.iter_errors(tree):
        words = _words(error)
        if words is None:
            continue
        told += 1
        if told > MAX_ERRORS:
            yield (), "has more that the schema refuses"
            return
        yield tuple(error.instance_path), words


def _words(error: ValidationError) -> str | None:
    """Say what is wrong without a word of the value; None for what is fine.

    A cluster takes null for a quantity, which is one of two things in the schema.
    """
    phrase = _PHRASES.get(type(error.kind), "breaks the rule {0.name}")
    words: str | None = phrase.format(error.kind)
    match error.kind:
        case ValidationErrorKind.OneOfMultipleValid():
            words = None if error.instance is None else "fits several alternatives"
        case ValidationErrorKind.Type(types=types):
            words = f"must be {_alternatives(types)}"
        case (
            ValidationErrorKind.OneOfNotValid(context=branches)
            | ValidationErrorKind.AnyOf(context=branches)
        ):
            words = _one_of(branches)
        case ValidationErrorKind.AdditionalProperties(unexpected=names):
            words = f"has no field {', '.join(sorted(names)[:MAX_ERRORS])}"
        case ValidationErrorKind.Enum(options=options):
            named = [str(option) for option in options if option is not None]
            words = f"must be {' or '.join(named)}"
    return words


def _one_of(branches: Iterable[Iterable[ValidationError]]) -> str:
    types = _types(branches)
    return f"must be {_alternatives(types)}" if types else "fits no alternative"


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
    registry = Registry([(_BASE, {**definitions, "$id": _BASE})])
    return registry, definition_names(definitions)


@lru_cache(maxsize=256)
def _validator(release: Minor, kind: Kind) -> Validator | None:
    name = _schemas(release)[1].get(kind)
    return None if name is None else compiled(reference(name), release)
