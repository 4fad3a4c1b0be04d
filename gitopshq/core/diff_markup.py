"""Lines of a diff as table rows: pairing, changed words, links, escaped HTML.

What differs is decided elsewhere, colours in ``code_colours``; this module only shows
it. Every character of a line passes through ``html.escape``.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Protocol

from django.utils.safestring import SafeString, mark_safe

from gitopshq.core.changed_words import Span, changed_words
from gitopshq.core.code_colours import LONGEST_COLOURED_LINE, Coloured, coloured

SAME, REMOVED, ADDED = "same", "removed", "added"
MINUS = "\N{MINUS SIGN}"

_INDENT = re.compile(r"[ \t]*")
# Characters that hide or reorder what an approver reads are shown by their number.
_ODD = [
    *(code for code in range(0x20) if code != ord("\t")),
    *(0x7F, 0xAD, 0x61C, 0xFEFF),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x206A),
]
_VISIBLE = {code: f'<span class="diff__odd">U+{code:04X}</span>' for code in _ODD}

_IS_ODD = re.compile(f"[{re.escape(''.join(map(chr, _ODD)))}]")
# What html.escape() and the above change; most lines have none of it.
_IS_SPECIAL = re.compile(f"[&<>\"'{re.escape(''.join(map(chr, _ODD)))}]")


class DiffLine(Protocol):
    """One line of a hunk. Numbers count from 1; ``None`` on the side that lacks it."""

    @property
    def kind(self) -> str: ...
    @property
    def old_number(self) -> int | None: ...
    @property
    def new_number(self) -> int | None: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Look:
    """How lines are shown.

    *anchor* starts the ids of lines (``<anchor>-L3``, ``<anchor>-R3``); it is empty
    for lines nobody links to. *link* is the address whose end is a line's id, for
    lines that the page does not show at first; other links stay on the page. *marked*
    has the ``id()`` of each line of a range that is linked to.
    """

    anchor: str = ""
    link: str = ""
    is_json: bool = False
    marked: frozenset[int] = frozenset()

    def marks(self, *lines: DiffLine | None) -> str:
        """Return the attribute of a row with those lines."""
        if not self.marked:
            return ""
        return " data-marked" if any(id(one) in self.marked for one in lines) else ""


@dataclass(frozen=True)
class Row:
    """What stands side by side: the same line, a changed pair, or one side alone."""

    kind: str
    old: DiffLine | None
    new: DiffLine | None


def pair(lines: Iterable[DiffLine]) -> Iterator[Row]:
    """Yield rows, with runs of removed lines beside the added ones that follow."""
    waiting: list[DiffLine] = []
    for kind, run in groupby(lines, key=lambda line: line.kind):
        if kind == REMOVED:
            waiting.extend(run)
        elif kind == ADDED:
            yield from _beside(waiting, list(run))
            waiting = []
        else:
            yield from _beside(waiting, [])
            waiting = []
            yield from (Row(SAME, line, line) for line in run)
    yield from _beside(waiting, [])


def hunk(
    lines: Sequence[DiffLine],
    anchor: str = "",
    *,
    side_by_side: bool = False,
    link: str = "",
    path: str = "",
    marked: frozenset[int] = frozenset(),
) -> SafeString:
    """Draw the lines of one hunk of a diff of *path* as table rows."""
    is_json, marked = path.endswith(".json"), marked or frozenset()
    look = Look(anchor, link, is_json=is_json, marked=marked)
    return rows_html(lines, look, side_by_side=side_by_side)


def rows_html(
    lines: Sequence[DiffLine], look: Look, *, side_by_side: bool
) -> SafeString:
    """Return the rows of one hunk, escaped."""
    rows = list(pair(lines))
    if side_by_side:
        return _safe("".join(_wide_row(row, look) for row in rows))
    return _safe("".join(_unified(rows, look)))


def code_html(
    text: str,
    marks: Sequence[Span] = (),
    tag: str = "span",
    *,
    is_json: bool = False,
) -> SafeString:
    """Return a line as HTML: its indent, then the rest in colours with marks."""
    return _safe(_code(text, marks, tag, is_json=is_json))


def _code(text: str, marks: Sequence[Span], tag: str, *, is_json: bool) -> str:
    indent = _INDENT.match(text)
    start = indent.end() if indent else 0
    inside = _painted(text, start, marks, coloured(text, start, is_json=is_json))
    lead = f"<span>{text[:start]}</span>" if start else ""
    return f"{lead}<{tag}>{inside}</{tag}>"


@lru_cache(maxsize=4096)
def _unmarked(text: str, tag: str, *, is_json: bool) -> str:
    """Remember lines: manifests repeat many, and unchanged ones stand on both sides."""
    return _code(text, (), tag, is_json=is_json)


def _beside(removed: list[DiffLine], added: list[DiffLine]) -> Iterator[Row]:
    shared = min(len(removed), len(added))
    for old, new in zip(removed, added, strict=False):
        yield Row("changed", old, new)
    yield from (Row(REMOVED, old, None) for old in removed[shared:])
    yield from (Row(ADDED, None, new) for new in added[shared:])


def _painted(
    text: str, start: int, marks: Sequence[Span], colours: Sequence[Coloured]
) -> str:
    """Paint colours outside and marks inside, so that a marked word keeps its own."""
    shown = _shown if _IS_SPECIAL.search(text) else str
    parts: list[str] = []
    at = start
    for left, right, name in colours:
        parts.append(_marked(text, at, left, marks, shown))
        inside = _marked(text, left, right, marks, shown)
        parts.append(f'<span class="{name}">{inside}</span>')
        at = right
    parts.append(_marked(text, at, len(text), marks, shown))
    return "".join(parts)


def _marked(
    text: str, start: int, end: int, marks: Sequence[Span], shown: Callable[[str], str]
) -> str:
    if start >= end:
        return ""
    if not marks:
        return shown(text[start:end])
    parts: list[str] = []
    at = start
    for left, right in marks:
        low, high = max(left, at), min(right, end)
        if low >= high:
            continue
        parts.append(shown(text[at:low]))
        parts.append(f'<span class="diff__word">{shown(text[low:high])}</span>')
        at = high
    parts.append(shown(text[at:end]))
    return "".join(parts)


def _shown(text: str) -> str:
    shown = html.escape(text)
    return shown.translate(_VISIBLE) if _IS_ODD.search(shown) else shown


def _wide_row(row: Row, look: Look) -> str:
    old_marks, new_marks = _marks(row)
    old = _side("old", row.old, row.kind, old_marks, look)
    new = _side("new", row.new, row.kind, new_marks, look)
    marked = look.marks(row.old, row.new)
    start = f'<tr class="diff__line" role="row" data-line="{row.kind}"{marked}>'
    return f"{start}{old}{new}</tr>\n"


def _unified(rows: list[Row], look: Look) -> Iterator[str]:
    """Yield one line a row: of a changed run first all that goes, then what comes."""
    for is_same, run in groupby(rows, key=lambda row: row.kind == SAME):
        block = list(run)
        if is_same:
            yield from (_unified_row(row, look) for row in block)
            continue
        for name in ("old", "new"):
            for row in block:
                yield _unified_row(row, look, name)


def _unified_row(row: Row, look: Look, name: str = "new") -> str:
    line = row.old if name == "old" else row.new
    if line is None:
        return ""
    old_marks, new_marks = _marks(row)
    marks = old_marks if name == "old" else new_marks
    kind = SAME if row.kind == SAME else (REMOVED if name == "old" else ADDED)
    cells = _side(name, line, kind, marks, look)
    start = f'<tr class="diff__line" role="row" data-line="{kind}"{look.marks(line)}>'
    return f"{start}{cells}</tr>\n"


def _marks(row: Row) -> tuple[list[Span], list[Span]]:
    if row.kind != "changed" or row.old is None or row.new is None:
        return [], []
    return changed_words(row.old.text, row.new.text)


def _side(
    name: str, line: DiffLine | None, kind: str, marks: list[Span], look: Look
) -> str:
    data = f'data-side="{name}"'
    if line is None:
        return (
            f'<td class="diff__number" role="cell" {data}></td>'
            f'<td class="diff__sign" role="cell" {data}></td>'
            f'<td class="diff__code" role="cell" {data}></td>'
        )
    number = line.old_number if name == "old" else line.new_number
    sign, tag, label = "", "span", ""
    if kind != SAME:
        sign, tag, word = (
            (MINUS, "del", "removed") if name == "old" else ("+", "ins", "added")
        )
        label = f' aria-label="{word} line {number}"'
    shown, at = f"{number}", ""
    if look.anchor:
        # Of a line that is the same on both sides only the new side has a place.
        is_new = name == "new" or kind == SAME
        place = f"{look.anchor}-{'R' if is_new else 'L'}"
        place += f"{line.new_number if is_new else line.old_number}"
        href = f"{html.escape(look.link)}{place}#{place}" if look.link else f"#{place}"
        shown = f'<a href="{href}" tabindex="-1">{number}</a>'
        at = f' id="{place}"' if name == "new" or kind != SAME else ""
    if marks or len(line.text) > LONGEST_COLOURED_LINE:
        code = _code(line.text, marks, tag, is_json=look.is_json)
    else:
        code = _unmarked(line.text, tag, is_json=look.is_json)
    return (
        f'<th class="diff__number" role="rowheader" {data}{at}>{shown}</th>'
        f'<td class="diff__sign" role="cell" {data}{label}>{sign}</td>'
        f'<td class="diff__code" role="cell" {data}>{code}</td>'
    )


def _safe(markup: str) -> SafeString:
    # Everything that came from outside went through html.escape() above.
    return mark_safe(markup)  # noqa: S308
