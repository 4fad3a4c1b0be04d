"""Changing one values text into another entry by entry, on the text.

Entries that are not chosen keep their bytes. Whether the result means what was asked
for is checked in ``comparing``.
"""

import re
from collections.abc import Collection
from typing import Final

from environments.desired.values.changes import Path, ValueChange
from environments.desired.values.reading import Block, Entry, ValuesText

_DOCUMENT_END: Final = re.compile(r"(?m)^\.\.\.[^\n]*\n")


def splice(
    before: ValuesText, after: ValuesText, chosen: Collection[ValueChange]
) -> str:
    """Apply the chosen changes of values, each named by its path, to ``before``.

    Both texts must be ones that can be cut into entries.
    """
    old, new = before.block, after.block
    assert old is not None
    assert new is not None
    splicing = _Splicing(before.text, after.text, chosen)
    column = new.column if new.entries else 0
    is_empty = not splicing.merge(old, new, (), column)
    last = next(reversed(old.entries.values()), None)
    tail = before.text[last.stop if last else old.body :]
    if last and is_empty:
        # The end of a document that holds nothing is no YAML.
        tail = _DOCUMENT_END.sub("", tail)
    splicing.output.put_lead(tail, 0)
    return before.text[: old.body] + "".join(splicing.output.parts)


class _Output:
    """The text as it grows. Knows what followed its last part where that was cut."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.source = ""
        self.end = 0
        self.is_open = False

    def put_lead(self, lead: str, column: int) -> None:
        """Put the lines above an entry, so that no block scalar takes them in."""
        is_moved = not self.source.startswith(lead, self.end)
        self.parts.append(_closed(lead, column) if self.is_open and is_moved else lead)

    def put(self, text: str, *, source: str, end: int, is_open: bool) -> None:
        """Put an entry, or the end of one that was cut at this offset of a source."""
        self.parts.append(text)
        self.source, self.end, self.is_open = source, end, is_open


class _Splicing:
    def __init__(
        self, before: str, after: str, chosen: Collection[ValueChange]
    ) -> None:
        self.before = before
        self.after = after
        self.actions = {change.path: change.action for change in chosen}
        self.touched = {
            path[:length] for path in self.actions for length in range(len(path) + 1)
        }
        self.output = _Output()

    def merge(self, old: Block, new: Block, path: Path, column: int) -> bool:
        """Put the entries of a block map, and tell whether there are any.

        ``column`` is where entries go if the old map has none.
        """
        if old.entries:
            column = old.column
        kept = [key for key in old.entries if self._action(path, key) != "removed"]
        followers = self._followers(old, new, path, kept)
        for key in [None, *kept]:
            if key is not None:
                self._put_old(old.entries[key], new, (*path, key))
            at = key
            while (follower := followers.get(at)) is not None:
                self._put_added(new.entries[follower], column)
                at = follower
        return bool(kept or followers)

    def _action(self, path: Path, key: str) -> str | None:
        return self.actions.get((*path, key))

    def _followers(
        self, old: Block, new: Block, path: Path, kept: list[str]
    ) -> dict[str | None, str]:
        """Tell behind which key each added one goes: its nearest earlier sibling."""
        present: set[str] = set(kept)
        followers: dict[str | None, str] = {}
        nearest = None
        for key in new.entries:
            if key not in old.entries and self._action(path, key) == "added":
                followers[nearest] = key
                present.add(key)
            if key in present:
                nearest = key
        return followers

    def _put_old(self, entry: Entry, new: Block, path: Path) -> None:
        text = self.before
        other = new.entries.get(entry.key)
        self.output.put_lead(text[entry.lead : entry.start], entry.column)
        if path not in self.touched or other is None:
            written = text[entry.start : entry.stop]
            end, is_open = entry.stop, entry.is_open
            self.output.put(written, source=text, end=end, is_open=is_open)
        elif self.actions.get(path) == "updated":
            self._put_other(text[entry.start : entry.after], other, entry.column)
        else:
            self._put_inside(entry, other, path)

    def _put_inside(self, entry: Entry, other: Entry, path: Path) -> None:
        old, new = entry.block, other.block
        assert old is not None
        assert new is not None
        text, output = self.before, self.output
        at = len(output.parts)
        output.put("", source=text, end=old.body, is_open=False)
        column = entry.column
        column += new.column - other.column if new.entries else 0
        has_entries = self.merge(old, new, path, column)
        head = text[entry.after : old.body]
        if not old.entries:
            head = _without_braces(head)
        elif not has_entries:
            head = " {}" + head
        output.parts[at] = text[entry.start : entry.after] + head

    def _put_added(self, entry: Entry, column: int) -> None:
        lead = self.after[entry.lead : entry.start]
        self.output.put_lead(_shifted(lead, column - entry.column), column)
        start = self.after[entry.start : entry.after]
        self._put_other(_shifted(start, column - entry.column), entry, column)

    def _put_other(self, start: str, other: Entry, column: int) -> None:
        """Put the value of the other side behind what a line begins with."""
        source, columns = self.after, column - other.column
        value = _shifted(source[other.after : other.stop], columns, first=False)
        end = len(source) if columns else other.stop
        written = start + value
        self.output.put(written, source=source, end=end, is_open=other.is_open)


def _closed(lead: str, column: int) -> str:
    """Leave no line that a block scalar above could take for its own."""
    lines = (line.lstrip(" \t") for line in lead.split("\n"))
    return "\n".join(" " * column + line if line else "" for line in lines)


def _without_braces(head: str) -> str:
    """Take ``{}`` out of what stands behind a colon, and the line it leaves empty."""
    opening, closing = head.index("{"), head.index("}")
    lines = (head[:opening].rstrip(" \t") + head[closing + 1 :]).split("\n")
    first, *rest = lines
    if first.strip():
        first = first if first.startswith((" ", "\t")) else " " + first
    else:
        first = ""
    return "\n".join([first, *(line for line in rest[:-1] if line.strip()), ""])


def _shifted(text: str, columns: int, *, first: bool = True) -> str:
    """Move all lines by some columns to the right, or to the left where negative.

    Comments and blank lines move as far left as they can.
    """
    if not columns or not text:
        return text
    lines = text.split("\n")
    begin = 0 if first else 1
    for at in range(begin, len(lines)):
        if lines[at]:
            lines[at] = _moved(lines[at], columns)
    return "\n".join(lines)


def _moved(line: str, columns: int) -> str:
    if columns > 0:
        return " " * columns + line
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(spaces, -columns) :]
