"""Which keys a line of block YAML stands under, read from indents alone.

Made for saying where a change is, and fast: one pass, no parser. What is inside a
block scalar is read as if it were YAML too.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

_KEY: Final = re.compile(
    r"(?P<key>\"[^\"]*\"|'[^']*'|[^\s#'\"\-][^:]*?|-[^\s:]+):(?=\s|$)"
)
_BARE_KEY: Final = re.compile(r"[^:]+:\s*$")
_LOOK_AHEAD: Final = 40
"""Lines of a list's item in which its name is looked for."""


@dataclass(frozen=True)
class Step:
    """One key, or one item of a list, on the way to a line.

    *is_bare* tells of a key that what stands below it is all its value.
    """

    name: str
    is_item: bool = False
    is_bare: bool = False


@dataclass(frozen=True)
class _Open:
    indent: int
    step: Step
    count: int = 0


def steps_to(lines: Sequence[str], wanted: Collection[int]) -> dict[int, list[Step]]:
    """Return what encloses each wanted line, outermost first; indices count from 0."""
    found: dict[int, list[Step]] = {}
    last = max(wanted, default=-1)
    stack: list[_Open] = []
    for at, line in enumerate(lines[: last + 1]):
        text = line.lstrip(" ")
        is_silent = not text or text[0] == "#"
        indent = len(line) - len(text)
        is_item = text.startswith("- ") or text == "-"
        count = 0
        while not is_silent and stack and _ends(stack[-1], indent, is_item=is_item):
            closed = stack.pop()
            if closed.indent == indent and closed.step.is_item and is_item:
                count = closed.count + 1
        if at in wanted:
            found[at] = [one.step for one in stack]
        if is_silent:
            continue
        if is_item:
            name = _name_of(lines, at, indent + 2) or str(count)
            stack.append(_Open(indent, Step(name, is_item=True), count))
            rest = text[1:].lstrip(" ")
            indent, text = indent + len(text) - len(rest), rest
        if key := _KEY.match(text):
            is_bare = bool(_BARE_KEY.fullmatch(text))
            stack.append(_Open(indent, Step(key["key"].strip("\"'"), is_bare=is_bare)))
    return found


def path_of(steps: Sequence[Step]) -> str:
    """Return steps as people write them: ``spec.containers[checkout].env``."""
    parts = []
    for step in steps:
        if step.is_item:
            parts.append(f"[{step.name}]")
        else:
            parts.append(f".{step.name}" if parts else step.name)
    return "".join(parts)


def _ends(opened: _Open, indent: int, *, is_item: bool) -> bool:
    """Tell whether a line at *indent* ends what was opened.

    A list may stand at the indent of its key.
    """
    if opened.indent != indent:
        return opened.indent > indent
    return opened.step.is_item or not is_item


def _name_of(lines: Sequence[str], at: int, indent: int) -> str:
    """Return the name that an item of a list has, "" where it has none."""
    for line in lines[at : at + _LOOK_AHEAD]:
        text = line.lstrip(" ")
        inner = len(line) - len(text)
        if line is not lines[at] and inner < indent:
            return ""
        text = text.removeprefix("- ") if line is lines[at] else text
        if (line is lines[at] or inner == indent) and text.startswith("name: "):
            return text.removeprefix("name: ").strip().strip("\"'")
    return ""
