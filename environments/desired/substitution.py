"""Putting values of variables into texts: as text, in context, without a new structure.

Which value wins is for the caller; comments and everything else keep their bytes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import yaml

from environments.desired.placeholders import Placeholder, find, mask, unmask
from environments.desired.texts import FORBIDDEN, TextRefused, is_yaml_path
from environments.desired.yamlreading import (
    KeyTracker,
    NotYaml,
    line_of,
    read_events,
)

Lookup = Callable[[Placeholder], str]

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]')


class PlaceholderRefused(Exception):
    """The value of a variable does not fit where its placeholder stands.

    ``line`` counts from 1. Nothing of the value is told: it may be a secret.
    """

    def __init__(self, variable: str, *, path: str, line: int, reason: str) -> None:
        self.variable = variable
        self.path = path
        self.line = line
        self.reason = reason
        super().__init__(f"{path}:{line}: {variable}: {reason}")


@dataclass(slots=True)
class _Place:
    """A placeholder with the scalar it stands in; no scalar in a file of plain text."""

    placeholder: Placeholder
    scalar: yaml.ScalarEvent | None
    margin: str = ""
    """What goes before each further line of a literal block."""
    in_flow: bool = False
    line_end: bool = False
    """Whether nothing follows on its line."""
    value: str = ""
    """What the scalar is to hold in its place."""
    written: str = ""


def find_used(text: str, *, path: str) -> list[Placeholder]:
    """List the placeholders of a saved text that get a value: none in comments.

    :raises TextRefused: for a YAML file that cannot be read.
    """
    places, _ = _places(text, path)
    return [place.placeholder for place in places]


def substitute(text: str, lookup: Lookup, *, path: str) -> str:
    """Put values in place of the placeholders of a saved text.

    ``lookup`` is called once for each placeholder that ``find_used`` names, in order.

    :raises PlaceholderRefused: where a value cannot stand in its place, or would change
        more than the scalar around it.
    :raises TextRefused: for a YAML file that cannot be read.
    """
    places, events = _places(text, path)
    if not places:
        return text
    for place in places:
        _write(place, lookup(place.placeholder), path)
    result = _joined(text, places)
    if events:
        _check(events, places, result, path)
    return result


def _places(text: str, path: str) -> tuple[list[_Place], list[yaml.Event]]:
    placeholders = find(text)
    if not placeholders:
        return [], []
    if not is_yaml_path(path):
        return [_Place(placeholder, None) for placeholder in placeholders], []
    masked = mask(text)
    try:
        events = list(read_events(masked))
    except NotYaml as error:
        raise TextRefused(error.reason, path=path, line=error.line) from error
    return list(_located(masked, placeholders, events, path)), events


def _located(
    masked: str, placeholders: list[Placeholder], events: list[yaml.Event], path: str
) -> Iterator[_Place]:
    keys = KeyTracker()
    flows: list[bool] = []
    rest = iter(placeholders)
    placeholder = next(rest, None)
    for event in events:
        is_key = keys.take(event) is not None
        if isinstance(event, yaml.CollectionStartEvent):
            flows.append(bool(event.flow_style))
        elif isinstance(event, yaml.CollectionEndEvent):
            flows.pop()
        if not isinstance(event, yaml.ScalarEvent) or "\ue000" not in event.value:
            continue
        if is_key:
            reason = "a placeholder in a key"
            raise TextRefused(reason, path=path, line=line_of(event))
        start, end = _content(event, masked)
        while placeholder and placeholder.start < end:
            if placeholder.start >= start:
                place = _placed(placeholder, event, masked)
                place.in_flow = bool(flows) and flows[-1]
                yield place
            placeholder = next(rest, None)


def _content(event: yaml.ScalarEvent, masked: str) -> tuple[int, int]:
    """Tell where a scalar's content lies; the header of a block may hold a comment."""
    assert event.start_mark is not None
    assert event.end_mark is not None
    start, end = event.start_mark.index, event.end_mark.index
    if event.style in ("|", ">"):
        start = masked.index("\n", start)
    return start, end


def _placed(placeholder: Placeholder, event: yaml.ScalarEvent, masked: str) -> _Place:
    place = _Place(placeholder, event)
    if event.style == "|":
        start, end = _content(event, masked)
        place.margin = " " * _margin(masked[start + 1 : end], event.value)
        place.line_end = masked.startswith("\n", placeholder.end)
    return place


def _margin(source: str, value: str) -> int:
    """Count the spaces a literal block takes away from each line."""
    for written, read in zip(source.split("\n"), value.split("\n"), strict=False):
        if written.strip(" "):
            return _leading(written) - _leading(read)
    return 0


def _leading(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _write(place: _Place, value: str, path: str) -> None:
    """Decide what to write for a value, and what the scalar is then to hold."""
    style = place.scalar.style if place.scalar else "text"
    if found := FORBIDDEN.search(value):
        code = f"U+{ord(found[0]):04X}"
        raise _refused(place, path, f"its value holds {code}, which may not stand here")
    if "\n" in value and (reason := _ONE_LINE.get(style or "")):
        raise _refused(place, path, reason)
    place.value = place.written = value
    if style == '"':
        place.written = _escaped(value)
    elif style == "'":
        place.written = value.replace("'", "''")
    elif style == "|":
        place.value = value.removesuffix("\n")
        place.written = _indented(place)
    elif not style and not value:
        raise _refused(place, path, "an empty value without quotes would be null")
    elif not style and place.in_flow and "?" in value:
        # Helm's reader ends a plain scalar of a flow collection there, ours does not.
        raise _refused(place, path, "within [] or {} a value with ? needs quotes")


_ONE_LINE = {
    "": "a value of several lines needs double quotes or a literal block (|)",
    "'": "a value of several lines needs double quotes or a literal block (|)",
    ">": "a value of several lines does not fit into a folded block (>)",
    "text": "a value of several lines fits only into YAML and JSON",
}


def _escaped(value: str) -> str:
    escaped = _ESCAPED.sub(
        lambda match: _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04x}", value
    )
    # A double-quoted scalar over several lines loses the spaces at their ends.
    if escaped.startswith(" "):
        escaped = "\\u0020" + escaped[1:]
    if escaped.endswith(" "):
        escaped = escaped[:-1] + "\\u0020"
    return escaped


def _indented(place: _Place) -> str:
    first, *rest = place.value.split("\n")
    lines = [first]
    for at, line in enumerate(rest, start=1):
        is_bare = not line and (at < len(rest) or place.line_end)
        lines.append(line if is_bare else place.margin + line)
    return "\n".join(lines)


def _joined(text: str, places: list[_Place]) -> str:
    parts = []
    position = 0
    for place in places:
        parts += [text[position : place.placeholder.start], place.written]
        position = place.placeholder.end
    return "".join([*parts, text[position:]])


def _check(
    before: list[yaml.Event], places: list[_Place], result: str, path: str
) -> None:
    """Hold the events of the result against those before.

    :raises PlaceholderRefused: naming the placeholder nearest to the first difference.
    """
    wanted = _with_values(before, places)
    reached = 0
    try:
        for want, event in zip(wanted, read_events(result), strict=True):
            if want != _described(event):
                break
            reached += 1
        else:
            return
    except (NotYaml, ValueError):
        # Broken YAML, a limit, or another number of events: `reached` says where.
        pass
    culprit = _culprit(before[min(reached, len(before) - 1)], places)
    reason = "its value would change more than the text it stands in"
    raise _refused(culprit, path, f"{reason}; quotes around the placeholder may help")


def _with_values(events: list[yaml.Event], places: list[_Place]) -> list[object]:
    values: dict[int, list[str]] = {}
    for place in places:
        values.setdefault(id(place.scalar), []).append(place.value)
    return [_described(event, values.get(id(event), ())) for event in events]


def _described(event: yaml.Event, values: Iterable[str] = ()) -> object:
    """Return what has to stay the same of an event: all but its marks."""
    if isinstance(event, yaml.ScalarEvent):
        value = unmask(event.value, values) if values else event.value
        return event.anchor, event.tag, event.implicit, event.style, value
    facts = [getattr(event, name, None) for name in _FACTS]
    return type(event), *facts


_FACTS = ("anchor", "tag", "implicit", "flow_style", "explicit", "version", "tags")


def _culprit(event: yaml.Event, places: list[_Place]) -> _Place:
    """Choose the placeholder of the event that differs, or the last one before it."""
    within = [place for place in places if place.scalar is event]
    if within:
        return within[0]
    mark = event.start_mark
    before = [p for p in places if mark and p.placeholder.start < mark.index]
    return before[-1] if before else places[0]


def _refused(place: _Place, path: str, reason: str) -> PlaceholderRefused:
    placeholder = place.placeholder
    return PlaceholderRefused(
        placeholder.name, path=path, line=placeholder.line, reason=reason
    )
