"""Templates that are put together on the spot and given to ``tpl``.

Such a template may call a function that no text names: ``tpl (print "{{ no" "w }}")``.
What reaches ``tpl`` by way of a variable, a dict or a template of its own is not
followed: nearly every chart hands values on like that.
"""

import re
from collections.abc import Iterator
from typing import Final

WHOLE: Final = frozenset(
    {
        *("toYaml", "toJson", "toPrettyJson", "toRawJson", "toString", "cat"),
        *("default", "required", "coalesce", "ternary", "fail", "tpl", "quote"),
        *("squote", "indent", "nindent", "trim", "index", "get", "dig", "first"),
        *("last", "typeIs", "typeOf", "kindIs", "kindOf", "hasKey", "empty"),
        *("eq", "ne", "not", "and", "or", "true", "false", "nil"),
    }
)
"""Functions that hand on a text with its words as they are, or choose between some."""

_ESCAPE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\(?:[xuU]|[0-7]{3}|\r?\n)")
_STRING: Final = re.compile(r'"(?:\\.|[^"\\])*(?:"|\Z)|`[^`]*(?:`|\Z)', re.DOTALL)
_CALL: Final = re.compile(r"(?<![\w.$])tpl\s*\(")
_WORD: Final = re.compile(r"(?<![\w.$])[A-Za-z]\w*")
_BRACKET: Final = re.compile(r"[()]")


def is_escaped(text: str) -> bool:
    """Tell whether a text may write characters by their numbers, or in two lines."""
    return _ESCAPE.search(text) is not None


def assembles(action: str) -> bool:
    """Tell whether an action gives ``tpl`` what it puts together or writes escaped."""
    holds_template = "tpl" in action or "{{" in action[2:]
    if holds_template and is_escaped(action):
        return True
    bare = _STRING.sub('""', action)
    return any(word not in WHOLE for word in _words_of_calls(bare))


def _words_of_calls(bare: str) -> Iterator[str]:
    """Yield the words of what ``tpl`` is given first, where that is in brackets."""
    at = 0
    while call := _CALL.search(bare, at):
        # A call within another is read with it: each word once, however hostile.
        at = _end_of_operand(bare, call.end())
        yield from _WORD.findall(bare[call.end() : at])


def _end_of_operand(bare: str, start: int) -> int:
    """Return where the bracket closes that opens right before *start*."""
    depth = 1
    for bracket in _BRACKET.finditer(bare, start):
        depth += 1 if bracket[0] == "(" else -1
        if not depth:
            return bracket.start()
    return len(bare)
