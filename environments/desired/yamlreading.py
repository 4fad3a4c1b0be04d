"""Reading YAML as a stream of libyaml's events, within limits.

The events come one by one and are never recursed into, so a hostile text is left at
the first limit it breaks. What placeholders are is not known here: callers mask them.
"""

from collections.abc import Iterator
from typing import Final

import yaml

MAX_DEPTH: Final = 1_000
"""Levels of maps and lists in one another."""
MAX_NODES: Final = 1_000_000
"""Nodes of one text with every alias written out."""
MAX_WORK: Final = 20_000_000
"""Nodes times the level they stand at. libyaml looks at every open level at each
token, so that a long list at level 900 would take it minutes."""


class NotYaml(Exception):
    """A text that is no YAML, or breaks a limit. ``line`` counts from 1."""

    def __init__(self, reason: str, line: int | None) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason)


def read_events(text: str) -> Iterator[yaml.Event]:
    """Yield the events of all documents of a text.

    :raises NotYaml: for broken YAML, a nesting deeper than ``MAX_DEPTH``, more than
        ``MAX_NODES`` nodes, an unknown alias, or an alias inside its own anchor.
    """
    limits = _Limits()
    try:
        # As `yaml.parse` does, which asks for each event twice.
        loader = yaml.CSafeLoader(text)
        event = loader.get_event()
        while event is not None:
            limits.take(event)
            yield event
            event = loader.get_event()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(_worded(error), mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        reason = "not YAML: a character that may not stand in it"
        raise NotYaml(reason, None) from error
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise NotYaml("a character that is no Unicode text", line) from error


def line_of(event: yaml.Event) -> int:
    """Tell the line an event begins in, counted from 1."""
    mark = event.start_mark
    return int(mark.line) + 1 if mark else 1


def _worded(error: yaml.MarkedYAMLError) -> str:
    parts = [part for part in (error.context, error.problem) if part]
    return "not YAML: " + (", ".join(parts) or "it cannot be read")


class _Limits:
    """Counts levels and expanded nodes while events go by."""

    def __init__(self) -> None:
        self.nodes = 0
        self.work = 0
        self.open: list[tuple[str | None, int]] = []
        self.sizes: dict[str, int] = {}

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self.add(event, 1)
            if event.anchor:
                self.sizes[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            self.begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self.open.pop()
            if anchor:
                self.sizes[anchor] = self.nodes - before
        elif isinstance(event, yaml.AliasEvent):
            self.take_alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.sizes.clear()

    def begin(self, event: yaml.CollectionStartEvent) -> None:
        self.open.append((event.anchor, self.nodes))
        if len(self.open) > MAX_DEPTH:
            raise NotYaml(f"more than {MAX_DEPTH} levels deep", line_of(event))
        self.add(event, 1)
        if event.anchor:
            self.sizes[event.anchor] = 0

    def take_alias(self, event: yaml.AliasEvent) -> None:
        size = self.sizes.get(event.anchor or "")
        if size is None:
            reason = f"*{event.anchor} names no anchor above it"
            raise NotYaml(reason, line_of(event))
        if not size:
            reason = f"*{event.anchor} stands inside its own anchor"
            raise NotYaml(reason, line_of(event))
        self.add(event, size)

    def add(self, event: yaml.Event, size: int) -> None:
        self.nodes += size
        self.work += len(self.open)
        if self.nodes > MAX_NODES:
            reason = f"more than {MAX_NODES} nodes with its aliases written out"
            raise NotYaml(reason, line_of(event))
        if self.work > MAX_WORK:
            raise NotYaml("too much text too many levels deep", line_of(event))


class KeyTracker:
    """Tells of each event whether it is a key of a map. To be told all, in order."""

    def __init__(self) -> None:
        self._open: list[_Level] = []

    def take(self, event: yaml.Event) -> set[str] | None:
        """Follow one event.

        :returns: where the event is (or begins) a key: the names of the keys that
            stand before it in its map, to which the caller adds. None otherwise.
        """
        if isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            return None
        if not isinstance(event, yaml.NodeEvent):
            return None
        keys = self._open[-1].step() if self._open else None
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append(_Level(is_map=isinstance(event, yaml.MappingStartEvent)))
        return keys


class _Level:
    __slots__ = ("at_key", "is_map", "keys")

    def __init__(self, *, is_map: bool) -> None:
        self.is_map = is_map
        self.at_key = is_map
        self.keys: set[str] = set()

    def step(self) -> set[str] | None:
        if not self.is_map:
            return None
        was_key, self.at_key = self.at_key, not self.at_key
        return self.keys if was_key else None
