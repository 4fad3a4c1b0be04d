"""Values texts cut into the entries of their block maps.

Only reading: comparing is in ``comparing``, changing text in ``splicing`` and
``setting``. A tree is shared by everyone who reads the same text; nobody changes it.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import yaml

from environments.desired.placeholders import mask
from environments.desired.texts import FORBIDDEN
from environments.desired.values.nodes import Meaning, Node, Tree, line_end
from environments.desired.yamlreading import NotYaml, read_events

WALKED_LEVELS: Final = 100
"""Levels of maps that are compared by key. What lies deeper is one value."""

_SMALL: Final = 2**16
_LARGE: Final = 2**19
_DOCUMENT_END: Final = re.compile(r"(?m)^\.\.\.")
_EXPLICIT_KEY: Final = re.compile(r"(?m)(?:^|[\s\[{,:?-])\?(?:\s|$)")


@dataclass(slots=True)
class Entry:
    """A key of a block map with its lines: ``lead`` | ``start`` | ``after`` | ``stop``.

    These are offsets: where the comment and blank lines above begin, where the line of
    the key begins, behind its colon, and behind the last line of its value.
    """

    key: str
    column: int
    lead: int
    start: int
    after: int
    stop: int
    meaning: Meaning
    is_open: bool
    """Whether it ends in a block scalar."""
    block: "Block | None" = None


@dataclass(slots=True)
class Block:
    """A block map, or ``{}`` when it has no entries. ``body`` is where they begin."""

    body: int
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def column(self) -> int:
        return next(iter(self.entries.values())).column


@dataclass(slots=True)
class ValuesText:
    """A values text that was read.

    ``root`` is None where it is no YAML within the limits or holds nothing, ``block``
    where it can only be changed as a whole.
    """

    text: str
    root: Node | None = None
    block: Block | None = None


def read_values(text: str) -> ValuesText:
    """Read a values text, whatever it holds. The answer is shared: do not change it."""
    if len(text) <= _SMALL:
        return _read_small(text)
    return _read_large(text) if len(text) <= _LARGE else _read(text)


def _read(text: str) -> ValuesText:
    if FORBIDDEN.search(text):
        return ValuesText(text)
    masked = mask(text)
    tree = Tree(text, masked)
    try:
        for event in read_events(masked):
            tree.take(event)
    except NotYaml:
        return ValuesText(text)
    if tree.is_several:
        return ValuesText(text)
    is_clean = not text or text.endswith("\n")
    is_whole = not is_clean or tree.is_entwined or _has_explicit_key(masked)
    block = None if is_whole else _entries(tree, masked)
    return ValuesText(text, tree.root, block)


# A tree takes some forty times the memory of its text.
_read_small = lru_cache(maxsize=32)(_read)
_read_large = lru_cache(maxsize=4)(_read)


def _has_explicit_key(masked: str) -> bool:
    if not _EXPLICIT_KEY.search(masked):
        return False
    tokens = yaml.scan(masked, Loader=yaml.CSafeLoader)
    return any(
        isinstance(token, yaml.KeyToken)
        and token.end_mark.index > token.start_mark.index
        for token in tokens
    )


def _entries(tree: Tree, masked: str) -> Block | None:
    """Cut a text into entries; None where its lines do not allow it."""
    root = tree.root
    if root is None or (root.kind == "scalar" and not root.style and not root.value):
        end = _DOCUMENT_END.search(masked)
        return Block(end.start() if end else len(masked))
    if root.kind != "map" or root.is_flow:
        return None
    try:
        block = _block(root, masked, 0, WALKED_LEVELS)
    except _NoCut:
        return None
    first = next(iter(block.entries.values()))
    # Comments closed by an empty line belong to the file, not to its first key.
    head = masked[: first.start]
    closed = re.finditer(r"(?m)^(?:---[^\n]*|[ \t]*)\n", head)
    block.body = first.lead = max((match.end() for match in closed), default=0)
    return block


class _NoCut(Exception):
    """The entries of a map do not begin with lines."""


def _block(node: Node, masked: str, body: int, levels: int) -> Block:
    block = Block(body)
    at = body
    for key, value in zip(node.keys, node.items, strict=True):
        start = masked.rfind("\n", 0, key.start) + 1
        after = _behind_colon(masked, key)
        is_first_on_line = not masked[start : key.start].strip(" ")
        is_odd = key.kind != "scalar" or "\ue000" in masked[key.start : key.end]
        if start < at or not is_first_on_line or is_odd or key.value in block.entries:
            raise _NoCut
        stop = max(value.stop, line_end(masked, after))
        inner = _inner(value, masked, after, levels)
        block.entries[key.value] = Entry(
            key=key.value,
            column=key.column,
            lead=at,
            start=start,
            after=after,
            stop=stop,
            meaning=value.meaning,
            is_open=value.is_open,
            block=inner,
        )
        at = stop
    return block


def _behind_colon(masked: str, key: Node) -> int:
    colon = masked.find(":", key.end)
    if colon < 0 or masked[key.end : colon].strip(" \t"):
        raise _NoCut
    return colon + 1


def _inner(value: Node, masked: str, after: int, levels: int) -> Block | None:
    if value.kind != "map" or levels <= 1:
        return None
    if not value.keys:
        is_braces = re.fullmatch(r"\{[ \t]*\}", masked[value.start : value.end])
        return Block(value.stop) if is_braces else None
    if value.is_flow:
        return None
    return _block(value, masked, line_end(masked, after), levels - 1)
