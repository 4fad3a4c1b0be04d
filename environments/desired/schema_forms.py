"""What a chart's ``values.schema.json`` offers to a form: fields, in nested groups.

Only what a form can express becomes a field: scalars, choices, lists of scalars, and
objects of these. The rest is named and stays in the text. Whether values meet the
schema is Helm's to say; here a field checks what it shows.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from environments.desired.placeholders import PLACEHOLDER
from environments.desired.values import Path

MOST_FIELDS: Final = 150
"""A form with more helps nobody; what follows stays in the text."""
_MOST_GROUPS: Final = 150
"""Objects that are looked into: one that names itself many times would never end."""
_DEEPEST: Final = 8
_SCALARS: Final = ("boolean", "integer", "number", "string")
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class SchemaField:
    """One value that a form can set.

    ``kind`` is ``boolean``, ``integer``, ``number``, ``string`` or ``list``; ``item``
    is the kind of a list's items. With ``choices`` it is one of these, as text.
    """

    path: Path
    kind: str
    title: str
    help: str = ""
    item: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    shortest: int = 0
    longest: int | None = None
    is_required: bool = False

    def problem(self, value: str) -> str:
        """Say what is wrong with a value as it was typed; nothing where it fits.

        What a placeholder becomes is not known yet: a value or line with one fits.
        """
        if self.kind == "list":
            lines = enumerate(value.split("\n"), start=1)
            found = ((at, _problem(self.item, line)) for at, line in lines)
            return next((f"line {at} {said}" for at, said in found if said), "")
        if PLACEHOLDER.search(value):
            return ""
        if self.choices and value not in self.choices:
            return f"is none of {', '.join(self.choices)}"
        return _problem(self.kind, value) or self._out_of_bounds(value)

    def _out_of_bounds(self, value: str) -> str:
        if self.kind == "string":
            if len(value) < self.shortest:
                return f"has fewer than {self.shortest} characters"
            if self.longest is not None and len(value) > self.longest:
                return f"has more than {self.longest} characters"
        elif self.kind in {"integer", "number"}:
            if self.minimum is not None and float(value) < self.minimum:
                return f"is less than {self.minimum:g}"
            if self.maximum is not None and float(value) > self.maximum:
                return f"is more than {self.maximum:g}"
        return ""


@dataclass(frozen=True, slots=True)
class SchemaGroup:
    """An object of a schema: its fields, the groups inside, and what no form shows."""

    path: Path
    title: str
    help: str
    fields: tuple[SchemaField, ...]
    groups: tuple["SchemaGroup", ...]
    rest: tuple[Path, ...]

    def every_field(self) -> Iterator[SchemaField]:
        """Yield the fields of this group and of those inside."""
        yield from self.fields
        for group in self.groups:
            yield from group.every_field()

    def every_rest(self) -> Iterator[Path]:
        """Yield what stays in the text, here and inside."""
        yield from self.rest
        for group in self.groups:
            yield from group.every_rest()


@lru_cache(maxsize=64)
def read_schema(text: str) -> SchemaGroup | None:
    """Read the text of a schema; None where it offers no field.

    The answer is shared and frozen.
    """
    try:
        root = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(root, dict):
        return None
    reader = _Reader(root)
    group = reader.group((), reader.followed(root), "")
    return group if next(group.every_field(), None) else None


class _Reader:
    def __init__(self, root: Mapping[str, Any]) -> None:
        self.root = root
        self.left = MOST_FIELDS
        self.groups_left = _MOST_GROUPS

    def group(self, path: Path, schema: Mapping[str, Any], title: str) -> SchemaGroup:
        self.groups_left -= 1
        fields: list[SchemaField] = []
        groups: list[SchemaGroup] = []
        rest: list[Path] = []
        required = schema.get("required")
        names = required if isinstance(required, list) else []
        for key, found in _properties(schema).items():
            here, inner = (*path, key), self.followed(found)
            field = self.field(here, inner, is_required=key in names)
            if field is not None and self.left > 0:
                self.left -= 1
                fields.append(field)
            elif _properties(inner) and len(here) < _DEEPEST and self.groups_left > 0:
                group = self.group(here, inner, _text(inner, "title") or key)
                if group.fields or group.groups:
                    groups.append(group)
                else:
                    rest.append(here)
            else:
                rest.append(here)
        return SchemaGroup(
            path,
            title,
            _text(schema, "description"),
            tuple(fields),
            tuple(groups),
            tuple(rest),
        )

    def field(
        self, path: Path, schema: Mapping[str, Any], *, is_required: bool
    ) -> SchemaField | None:
        kind = _kind(schema)
        item = _kind(self.followed(schema.get("items"))) if kind == "list" else ""
        if kind not in (*_SCALARS, "list") or (kind == "list" and item not in _SCALARS):
            return None
        shortest, longest = _number(schema, "minLength"), _number(schema, "maxLength")
        return SchemaField(
            path=path,
            kind=kind,
            title=_text(schema, "title") or path[-1],
            help=_text(schema, "description"),
            item=item,
            choices=_choices(schema, kind),
            minimum=_number(schema, "minimum"),
            maximum=_number(schema, "maximum"),
            shortest=int(shortest or 0),
            longest=None if longest is None else int(longest),
            is_required=is_required,
        )

    def followed(self, schema: Any) -> Mapping[str, Any]:
        """Return a schema, or what it refers to in this document."""
        for _ in range(_DEEPEST):
            if not isinstance(schema, dict):
                return {}
            reference = schema.get("$ref")
            if not isinstance(reference, str) or not reference.startswith("#/"):
                return schema
            beside = {key: kept for key, kept in schema.items() if key != "$ref"}
            found: Any = self.root
            for part in reference[2:].split("/"):
                key = part.replace("~1", "/").replace("~0", "~")
                found = found.get(key) if isinstance(found, dict) else None
            schema = {**found, **beside} if isinstance(found, dict) else None
        return {}


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}


def _kind(schema: Mapping[str, Any]) -> str:
    named = schema.get("type")
    kinds = named if isinstance(named, list) else [named]
    kinds = [kind for kind in kinds if kind not in {None, "null"}]
    choices = schema.get("enum")
    if not kinds and isinstance(choices, list) and choices:
        kinds = sorted({_kind_of(choice) for choice in choices if choice is not None})
    if len(kinds) != 1:
        return ""
    return "list" if kinds[0] == "array" else str(kinds[0])


def _kind_of(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return names.get(type(value), "object")


def _choices(schema: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    if kind == "boolean":
        return ("true", "false")
    found = schema.get("enum")
    if not isinstance(found, list) or kind == "list":
        return ()
    offered = (choice for choice in found if choice is not None and choice != "")
    return tuple(v if isinstance(v, str) else json.dumps(v) for v in offered)


def _text(schema: Mapping[str, Any], key: str) -> str:
    found = schema.get(key)
    return found.strip() if isinstance(found, str) else ""


def _number(schema: Mapping[str, Any], key: str) -> float | None:
    """Return a bound; one that no number of a page could meet, like NaN, is none."""
    found = schema.get(key)
    if not isinstance(found, int | float) or isinstance(found, bool):
        return None
    return found if abs(found) <= sys.float_info.max else None


def _problem(kind: str, value: str) -> str:
    if PLACEHOLDER.search(value):
        return ""
    if kind == "integer" and not _INTEGER.fullmatch(value):
        return "is no whole number"
    if kind == "number" and not _NUMBER.fullmatch(value):
        return "is no number"
    if kind == "boolean" and value not in {"true", "false"}:
        return "is neither true nor false"
    return ""
