"""The items of a ``kind: List`` as texts of their own, cut at the parser's marks.

Items that lean on each other by anchors are refused: cut apart they would say
something else.
"""

from typing import Any

import yaml

from environments.desired.yamljson import Json, read_jsons
from environments.desired.yamlreading import NotYaml, read_events

_ITEMS_DEPTH = 2


class ItemsInseparable(Exception):
    """The items cannot be cut out of the text."""


def item_texts(text: str, items: list[Json]) -> list[str]:
    """Cut the value of ``items`` into one text per item, indents taken off.

    ``items`` are the same items as read, which each text must give again.

    :raises ItemsInseparable: a text alone reads differently.
    """
    texts = [_cut(text, start, end) for start, end in _spans(text)]
    try:
        read = [read_jsons(each) for each in texts]
    except NotYaml as refusal:
        raise ItemsInseparable from refusal
    if read != [[item] for item in items]:
        raise ItemsInseparable
    return texts


def _spans(text: str) -> list[tuple[int, int]]:
    """Give start and end of each item of the top-level key ``items``."""
    spans: list[tuple[int, int]] = []
    depth, keys, start = 0, 0, 0
    in_items = False
    for event in read_events(text):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if in_items and depth == _ITEMS_DEPTH:
                spans.append((start, _index(event.end_mark)))
            in_items = in_items and depth >= _ITEMS_DEPTH
        elif isinstance(event, yaml.NodeEvent):
            if depth == 1:
                keys += 1
                is_key = keys % 2 == 1
                if is_key and isinstance(event, yaml.ScalarEvent):
                    in_items = event.value == "items"
            if isinstance(event, yaml.CollectionStartEvent):
                if in_items and depth == _ITEMS_DEPTH:
                    start = _index(event.start_mark)
                depth += 1
    return spans


def _index(mark: Any) -> int:
    return int(mark.index)


def _cut(text: str, start: int, end: int) -> str:
    column = start - (text.rfind("\n", 0, start) + 1)
    first, *rest = text[start:end].rstrip().split("\n")
    return "\n".join([first, *(_dedented(line, column) for line in rest)]) + "\n"


def _dedented(line: str, column: int) -> str:
    # A comment may stand further left than the item above it.
    return line[:column].lstrip(" ") + line[column:]
