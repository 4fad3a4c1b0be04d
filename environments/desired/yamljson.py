"""YAML texts as the JSON that Kubernetes takes them for.

Which plain scalars are numbers, booleans and nulls is decided as the YAML reader of
kubectl, Helm and Argo CD does: ``y`` is true, ``0777`` octal, a date is text.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import yaml

from environments.desired.yamltrees import read_trees

Json = Any
"""``dict[str, Json]``, ``list[Json]``, or a scalar of JSON."""

_STRING: Final = "tag:yaml.org,2002:str"
_MERGE: Final = "<<"
_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGERS: Final = (
    (re.compile(r"[-+]?0[xX][0-9a-fA-F]{1,16}"), 16),
    (re.compile(r"[-+]?0[bB][01]{1,64}"), 2),
    (re.compile(r"[-+]?0[oO]?[0-7]{1,22}"), 8),
    (re.compile(r"[-+]?(?:0|[1-9][0-9]{0,19})"), 10),
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMERIC: Final = frozenset("+-.0123456789")
"""What a number begins with; no word of `_WORDS` does."""
MAX_NUMBER: Final = 400
"""Longer rows of digits are no number to anybody, and slow to read."""


def read_json(text: str) -> Json:
    """Read a text of one document, merge keys put in; an empty text gives ``None``.

    :raises NotYaml: as ``yamltrees.read_trees``.
    """
    documents = read_jsons(text)
    return documents[0] if documents else None


def read_jsons(text: str, *, once: Collection[str] = ()) -> list[Json]:
    """Read every document of a text, merge keys put in; ``once`` as for `read_trees`.

    :raises NotYaml: as ``yamltrees.read_trees``.
    """
    documents = read_trees(text, once=once, scalar=json_scalar)
    if _MERGE in text:
        for document in documents:
            _merge_all(document)
    return documents


def lines_at(text: str, paths: Iterable[Sequence[str | int]]) -> list[int]:
    """Give the line, from 1, where each path leads in a text that `read_json` took.

    As far as it leads: what a merge key brings has no line of its own.
    """
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        root = None  # an anchor for the second time, which events do not mind
    return [_line_at(root, path) for path in paths]


def _line_at(root: yaml.Node | None, path: Sequence[str | int]) -> int:
    node, line = root, 1
    for key in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == key]
            if not pairs:
                break
            place, node = pairs[-1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int):
            place = node = node.value[key]
        else:
            break
        line = place.start_mark.line + 1
    return line


def json_scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    """Give the JSON value of a scalar."""
    value = str(event.value)
    is_plain = bool(event.implicit[0])
    is_tagged = event.tag is not None and event.tag not in {"!", _STRING}
    if not (is_plain or is_tagged):
        return value
    if value[:1] in _NUMERIC:
        return _number(value)
    return _WORDS.get(value, value)


def _number(value: str) -> str | int | float:
    if len(value) > MAX_NUMBER:
        return value
    digits = value.replace("_", "")
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(digits):
            return int(re.sub(r"(?<=0)[oO]", "", digits), base)
    if _FLOAT.fullmatch(digits):
        number = float(digits)
        return value if number in {float("inf"), float("-inf")} else number
    return value


def _merge_all(root: Json) -> None:
    """Put the maps of merge keys into theirs, innermost first, without recursion."""
    seen: set[int] = set()
    stack: list[tuple[Json, bool]] = [(root, False)]
    while stack:
        node, is_left = stack.pop()
        if is_left:
            _merge(node)
        elif isinstance(node, dict | list) and id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child in _children(node))


def _children(node: dict[str, Json] | list[Json]) -> Iterator[Json]:
    yield from node.values() if isinstance(node, dict) else node


def _merge(node: Json) -> None:
    if not isinstance(node, dict) or _MERGE not in node:
        return
    given = node[_MERGE]
    sources = given if isinstance(given, list) else [given]
    if not all(isinstance(source, dict) for source in sources):
        return
    del node[_MERGE]
    for source in sources:
        for key, value in source.items():
            node.setdefault(key, value)
