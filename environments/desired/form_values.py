"""Fields of a schema in a values text: what the text says there, and writing it.

Writing keeps every other byte of the text. What a form is made of is in
``schema_forms``; which layer wins is not looked at here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from environments.desired.schema_forms import SchemaField
from environments.desired.values import (
    CannotSet,
    Path,
    remove_value,
    set_list,
    set_plain,
    set_scalar,
)
from environments.desired.values.nodes import Node
from environments.desired.values.reading import read_values
from environments.desired.values.setting import as_string
from environments.desired.values.showing import find_node

_LONGEST: Final = 4000
_MOST_READ: Final = 2**19
"""Characters read again for one form: each field that is written reads its text."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What a text says at a field: ``value`` as it is typed into the form.

    Empty where it says nothing. ``why_not`` tells why a form cannot show it.
    """

    value: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with what was typed into fields, and what could not be written."""

    text: str
    problems: Mapping[Path, str]


def read_field(text: str, field: SchemaField) -> FieldValue:
    """Return what a values text says at a field, as the form shows it."""
    node = find_node(text, field.path)
    if node is None:
        return FieldValue("", _in_the_way(text, field.path))
    if why_not := _unfit(node, field):
        return FieldValue("", why_not)
    if node.kind == "list":
        return FieldValue("\n".join(item.value for item in node.items))
    return FieldValue("" if node.is_null else node.value)


def _unfit(node: Node, field: SchemaField) -> str:
    """Say why what stands there cannot be shown in a field."""
    if node.is_marked or node.kind == "alias":
        return "an anchor, alias or tag stands there"
    if node.is_null:
        return "" if node.start == node.end else "null stands there"
    if node.kind != ("list" if field.kind == "list" else "scalar"):
        return f"a {node.kind} stands there"
    if node.kind == "scalar" and not _is_plain_line(node):
        return "a text of several lines stands there"
    if not all(item.kind == "scalar" and _is_plain_line(item) for item in node.items):
        return "the list there holds more than plain items"
    return ""


def fill(
    text: str,
    fields: Iterable[SchemaField],
    *,
    shown: Mapping[Path, str],
    typed: Mapping[Path, str],
) -> Filled:
    """Write into a text what was changed in the form since it was shown.

    An emptied field is taken out of the text: then the broader layers decide. Where
    the text was changed at a field as well, both stay for a person to choose. Where
    much was changed in a long text, the last fields wait for the next time.

    :param shown: what each field held when the form was made
    :param typed: what it holds now
    """
    problems: dict[Path, str] = {}
    read = 0
    for field in fields:
        was, value = shown.get(field.path), typed.get(field.path)
        if was is None or value is None or _clean(value) == _clean(was):
            continue
        now = read_field(text, field)
        if _clean(now.value) == _clean(value):
            continue
        if now.why_not or _clean(now.value) != _clean(was):
            said = now.why_not or f"the text says {now.value or 'nothing'} here"
            problems[field.path] = f"was changed here and in the text: {said}"
            continue
        if read > _MOST_READ:
            problems[field.path] = "is too much for one time: send the form again"
            continue
        read += len(text)
        try:
            text = _written(text, field, _clean(value))
        except CannotSet as refused:
            problems[field.path] = refused.reason
    return Filled(text, problems)


def _written(text: str, field: SchemaField, value: str) -> str:
    if not value:
        return remove_value(text, field.path)
    if problem := field.problem(value):
        raise CannotSet(problem, path=field.path)
    if field.kind == "list":
        items = value.split("\n")
        is_string = field.item == "string"
        written = [as_string(item) if is_string else item for item in items]
        return set_list(text, field.path, written)
    put = set_scalar if field.kind == "string" else set_plain
    return put(text, field.path, value)


def _clean(value: str) -> str:
    """Return a typed value without what a browser or a thumb adds around it."""
    lines = [line.strip() for line in value.replace("\r\n", "\n").split("\n")]
    return "\n".join(line for line in lines if line)


def _is_plain_line(node: Node) -> bool:
    return "\n" not in node.value and len(node.value) <= _LONGEST


def _in_the_way(text: str, path: Path) -> str:
    """Say what on the way to a missing key is no map, if anything is."""
    node = read_values(text).root
    for key in path[:-1]:
        if node is None:
            return ""
        node = node.child(key)
        if node is not None and node.kind != "map" and not node.is_null:
            return f"a {node.kind} stands at {key}"
    return ""
