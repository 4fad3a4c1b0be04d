"""The YAML tree of a masked text: nodes that know their bytes and their meaning.

Built from libyaml's events without recursion, whatever the text holds.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from environments.desired.placeholders import PLACEHOLDER, unmask

_KEEPS_ENDS: Final = re.compile(r"[|>][1-9]?\+")

Meaning = tuple[str, ...]


@dataclass(slots=True)
class Node:
    """A node of the YAML tree. ``start`` to ``end`` are offsets into the text.

    ``stop`` is the offset behind the last line that holds something of it. Two nodes
    mean the same exactly where their ``meaning`` is equal.
    """

    kind: str
    """``scalar``, ``map``, ``list`` or ``alias``."""
    start: int
    end: int
    stop: int
    column: int
    style: str = ""
    """Of a scalar ``'``, ``"``, ``|``, ``>`` or nothing where it is plain; of a
    collection ``flow`` or nothing where it is a block."""
    value: str = ""
    is_marked: bool = False
    """Whether an anchor or a tag stands before it."""
    is_open: bool = False
    """Whether it ends in a block scalar, which would take in lines put behind it."""
    meaning: Meaning = ()
    keys: "Sequence[Node]" = ()
    items: "Sequence[Node]" = ()

    @property
    def is_flow(self) -> bool:
        return self.style == "flow"

    @property
    def is_null(self) -> bool:
        is_plain = self.kind == "scalar" and not self.style
        return is_plain and self.value in {"", "~", "null", "Null", "NULL"}

    def child(self, key: str) -> "Node | None":
        """Return what stands under a key of a map, or at an index of a list."""
        if self.kind == "map":
            for at, node in enumerate(self.keys):
                if node.kind == "scalar" and node.value == key:
                    return self.items[at]
        elif self.kind == "list" and re.fullmatch(r"0|[1-9][0-9]{0,5}", key):
            return self.items[int(key)] if int(key) < len(self.items) else None
        return None


class Tree:
    """Builds the nodes of one text from its events, without recursion."""

    def __init__(self, text: str, masked: str) -> None:
        self.text = text
        self.masked = masked
        self.root: Node | None = None
        self.is_several = False
        self.is_entwined = False
        """Whether anchors, aliases, tags or kept line ends forbid a cut."""
        self._documents = 0
        self._open: list[_Open] = []

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append(_Open(self._collection(event)))
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self.is_entwined = True
            node = self._node("alias", event)
            node.meaning = ("alias", event.anchor or "")
            self._put(node)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            self.is_several = self._documents > 1

    def _node(self, kind: str, event: yaml.Event) -> Node:
        start, end = event.start_mark, event.end_mark
        assert start is not None
        assert end is not None
        stop = line_end(self.masked, end.index)
        return Node(kind, start.index, end.index, stop, start.column)

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        node = self._node("scalar", event)
        if event.anchor or event.tag:
            node.is_marked = self.is_entwined = True
        node.value = event.value
        style = event.style
        if style:
            node.style = style
            if style in ("|", ">"):
                self._end_block(node)
        if "\ue000" in node.value:
            self._unmask(node)
        else:
            node.meaning = ("scalar", "quoted" if style else "", node.value)
        return node

    def _end_block(self, node: Node) -> None:
        node.is_open = True
        if node.end < len(self.masked):
            # The indentation of the next line is counted in.
            node.end = self.masked.rfind("\n", 0, node.end) + 1
        node.stop = node.end
        header = self.masked[node.start : node.start + 3]
        self.is_entwined |= _KEEPS_ENDS.match(header) is not None

    def _unmask(self, node: Node) -> None:
        source = self.text[node.start : node.stop]
        if node.style in ("|", ">"):
            # The header may hold a comment.
            source = source.partition("\n")[2]
        names = (match[0] for match in PLACEHOLDER.finditer(source))
        node.value = unmask(node.value, names)
        # How a value is put in depends on the quotes.
        node.meaning = ("scalar", node.style, node.value)

    def _collection(self, event: yaml.CollectionStartEvent) -> Node:
        is_map = isinstance(event, yaml.MappingStartEvent)
        node = self._node("map" if is_map else "list", event)
        node.style = "flow" if event.flow_style else ""
        self._note_mark(node, event)
        return node

    def _note_mark(self, node: Node, event: yaml.NodeEvent) -> None:
        if event.anchor or getattr(event, "tag", None):
            node.is_marked = self.is_entwined = True

    def _close(self, event: yaml.CollectionEndEvent) -> None:
        ended = self._open.pop()
        node = ended.node
        node.keys, node.items = ended.keys, ended.items
        if node.is_flow:
            assert event.end_mark is not None
            node.end = event.end_mark.index
            node.stop = line_end(self.masked, node.end)
        else:
            last = node.items[-1]
            node.stop = max(last.stop, node.keys[-1].stop if node.keys else 0)
            node.end = node.stop
            node.is_open = last.is_open
        node.meaning = _collected(node)
        self._put(node)

    def _put(self, node: Node) -> None:
        if self._open:
            self._open[-1].put(node)
        else:
            self.root = node


class _Open:
    """A collection that has not ended."""

    __slots__ = ("is_map", "items", "keys", "node")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.is_map = node.kind == "map"
        self.keys: list[Node] = []
        self.items: list[Node] = []

    def put(self, node: Node) -> None:
        is_key = self.is_map and len(self.keys) == len(self.items)
        (self.keys if is_key else self.items).append(node)


def _collected(node: Node) -> Meaning:
    """Digest what a collection means, so that no comparison recurses."""
    parts = [repr(item.meaning) for item in node.items]
    if node.kind == "map":
        pairs = zip(node.keys, parts, strict=True)
        parts = sorted(f"{key.meaning!r}{part}" for key, part in pairs)
    digest = hashlib.blake2b("\n".join(parts).encode(), digest_size=20)
    return node.kind, digest.hexdigest()


def line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1
