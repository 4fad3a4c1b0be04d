"""Which parts of a line of YAML or JSON are keys, texts, numbers or comments.

A line is looked at by itself, as a diff shows lines without what stands around them.
"""

import re
from typing import Final

LONGEST_COLOURED_LINE: Final = 500
"""Longer lines (minified JSON, certificates) have no colours, in characters."""

KEY, TEXT, NUMBER, COMMENT = "y-key", "y-str", "y-num", "y-com"

_YAML = re.compile(
    r"(?P<lead>(?:-[ ]+)*)"
    r"(?:(?P<key>\"[^\"]*\"|'[^']*'|[^\s#:'\"\-{\[][^#:]*?|-[^\s#:]+)(?=:(?:\s|$)):)?"
    r"(?P<gap>\s*)"
    r"(?P<value>\"(?:\\.|[^\"\\])*\"|'(?:''|[^'])*'|(?:(?!\s#).)*?)"
    r"(?:(?:^|(?<=\s)|\s+)(?P<comment>#.*)|\s*)$"
)
_JSON = re.compile(
    r"(?P<text>\"(?:\\.|[^\"\\])*\")(?P<colon>\s*:)?"
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\b(?:true|false|null)\b)"
)
_NUMBER = re.compile(r"[-+]?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?$")
_CONSTANT = frozenset({"true", "false", "null", "~"})
_BARE = frozenset({"|", ">", "|-", ">-", "{}", "[]"})

Coloured = tuple[int, int, str]


def coloured(text: str, start: int = 0, *, is_json: bool = False) -> list[Coloured]:
    """Return spans of *text* from *start* on with their CSS classes, in order."""
    if len(text) > LONGEST_COLOURED_LINE:
        return []
    return _json(text, start) if is_json else _yaml(text, start)


def _json(text: str, start: int) -> list[Coloured]:
    spans = []
    for found in _JSON.finditer(text, start):
        if found["number"]:
            spans.append((*found.span(), NUMBER))
        else:
            spans.append((*found.span("text"), KEY if found["colon"] else TEXT))
    return spans


def _yaml(text: str, start: int) -> list[Coloured]:
    found = _YAML.match(text, start)
    if not found:
        return []
    spans = []
    if found["key"]:
        spans.append((*found.span("key"), KEY))
    value = found["value"].strip()
    if value and value not in _BARE:
        is_number = bool(_NUMBER.match(value)) or value in _CONSTANT
        spans.append((*found.span("value"), NUMBER if is_number else TEXT))
    if found["comment"]:
        spans.append((*found.span("comment"), COMMENT))
    return spans
