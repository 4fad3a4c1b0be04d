"""YAML texts as plain maps, lists and strings, for reading what a file says.

Every scalar is its characters, only an unquoted null is ``None``: what a number or a
boolean is stays the engine's business. Output is never written from these.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import yaml

from environments.desired.yamlreading import NotYaml, line_of, read_events

Tree = Any
"""``dict[str, Tree]``, ``list[Tree]``, ``str`` or ``None``."""

_OUTER_LEVELS = 2
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def characters(event: yaml.ScalarEvent) -> str | None:
    """Give the characters of a scalar, ``None`` for an unquoted null."""
    is_plain = bool(event.implicit[0])
    return None if is_plain and event.value in _NULLS else str(event.value)


def read_trees(
    text: str,
    *,
    once: Collection[str] | None = None,
    scalar: Callable[[yaml.ScalarEvent], Any] = characters,
) -> list[Tree]:
    """Read every document of a YAML text; ``scalar`` says what a value is.

    No key may stand twice in a map; with ``once``, only these may not, at the two
    outermost levels, and elsewhere the last one counts as it does for Helm.

    :raises NotYaml: broken YAML, a limit passed, a key twice or one that is no scalar.
    """
    documents: list[Tree] = []
    builder = _Builder(once, scalar)
    for event in read_events(text):
        if isinstance(event, yaml.DocumentStartEvent):
            builder = _Builder(once, scalar)
        elif isinstance(event, yaml.DocumentEndEvent):
            documents.append(builder.root)
        else:
            builder.take(event)
    return documents


def read_tree(text: str) -> Tree:
    """Read a text of one document; an empty text gives ``None``.

    :raises NotYaml: as `read_trees`, or more than one document.
    """
    documents = read_trees(text)
    if len(documents) > 1:
        raise NotYaml("more than one document", None)
    return documents[0] if documents else None


@dataclass(slots=True)
class _Open:
    """A collection under construction; ``key`` waits for its value."""

    value: dict[str, Tree] | list[Tree]
    anchor: str | None
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    once: Collection[str] | None
    scalar: Callable[[yaml.ScalarEvent], Any]
    root: Tree = None
    stack: list[_Open] = field(default_factory=list)
    anchors: dict[str, Tree] = field(default_factory=dict)

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            top = self.stack[-1] if self.stack else None
            if top is not None and top.key is None and type(top.value) is dict:
                self._name(top, event)
                return
            value = self.scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = value
            self._put(value, top)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open({}, event)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self.stack.pop()
            if done.anchor:
                self.anchors[done.anchor] = done.value
            self._put(done.value, self.stack[-1] if self.stack else None)
        elif isinstance(event, yaml.AliasEvent):
            self._put(self.anchors[str(event.anchor)], self._value_place(event))

    def _name(self, top: _Open, event: yaml.ScalarEvent) -> None:
        """Take the key of the value that comes next."""
        if event.value in top.value and self._is_refused(event.value):
            reason = f"the key {event.value!r} for the second time"
            raise NotYaml(reason, line_of(event))
        if event.anchor:
            self.anchors[event.anchor] = self.scalar(event)
        top.key = event.value

    def _put(self, value: Tree, top: _Open | None) -> None:
        if top is None:
            self.root = value
        elif isinstance(top.value, list):
            top.value.append(value)
        else:
            assert top.key is not None, "a value comes after its key"
            top.value[top.key] = value
            top.key = None

    def _open(self, value: dict[str, Tree] | list[Tree], event: yaml.NodeEvent) -> None:
        self._value_place(event)
        self.stack.append(_Open(value, event.anchor))

    def _value_place(self, event: yaml.Event) -> _Open | None:
        """Give what a value that is no plain text goes into."""
        top = self.stack[-1] if self.stack else None
        if top is not None and top.key is None and isinstance(top.value, dict):
            raise NotYaml("a key that is no plain text", line_of(event))
        return top

    def _is_refused(self, key: str) -> bool:
        if self.once is None:
            return True
        return key in self.once and len(self.stack) <= _OUTER_LEVELS
