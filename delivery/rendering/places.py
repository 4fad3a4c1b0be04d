"""Where in a YAML text a value stands."""

from collections.abc import Sequence

import yaml

from environments.desired.yamlreading import NotYaml, line_of, read_events


def line_at(text: str, path: Sequence[str]) -> int | None:
    """Give the line, from 1, of the key that a path of keys ends in, if it is set."""
    try:
        return _line_at(text, list(path))
    except NotYaml:
        return None


def _line_at(text: str, path: list[str]) -> int | None:
    stack: list[_Level] = []
    for event in read_events(text):
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            if stack and stack[-1].takes_key(event):
                if [level.key for level in stack] == path:
                    return line_of(event)
                continue
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(_Level(isinstance(event, yaml.MappingStartEvent)))
    return None


class _Level:
    """One open collection and the key or index that is being read in it."""

    def __init__(self, is_map: bool) -> None:  # noqa: FBT001
        self.is_map = is_map
        self.key: str | None = None
        self.index = -1
        self.waits_for_value = False

    def takes_key(self, event: yaml.Event) -> bool:
        """Note the next key or index; a map's key is an event of its own."""
        if not self.is_map:
            self.index += 1
            self.key = str(self.index)
            return False
        self.waits_for_value = not self.waits_for_value
        if self.waits_for_value:
            self.key = event.value if isinstance(event, yaml.ScalarEvent) else None
        return self.waits_for_value
