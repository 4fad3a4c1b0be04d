"""Changing one values text into another entry by entry, on the text.

Entries that are not chosen keep their bytes. Whether the result means what was asked
for is checked in ``comparing``.
"""

from collections.abc import Collection, Iterator

from environments.desired.values.changes import Path, ValueChange
from environments.desired.values.reading import Block, Entry, ValuesText


def splice(
    before: ValuesText, after: ValuesText, chosen: Collection[ValueChange]
) -> str:
    """Apply the chosen changes of values, each named by its path, to ``before``.

    Both texts must be ones that can be cut into entries.
    """
    assert before.block is not None
    assert after.block is not None
    splicing = _Splicing(before.text, after.text, chosen)
    last = next(reversed(before.block.entries.values()), None)
    tail = before.text[last.stop :] if last else ""
    column = after.block.column if after.block.entries else 0
    parts = splicing.merged(before.block, after.block, (), column)
    return before.text[: before.block.body] + "".join(parts) + tail


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

    def merged(self, old: Block, new: Block, path: Path, column: int) -> Iterator[str]:
        """Yield the entries of a block map, those above them included.

        ``column`` is where entries go if the old map has none.
        """
        if old.entries:
            column = old.column
        kept = [key for key in old.entries if self._action(path, key) != "removed"]
        followers = self._followers(old, new, path, kept)
        for key in [None, *kept]:
            if key is not None:
                yield self._old(old.entries[key], new, (*path, key))
            at = key
            while (follower := followers.get(at)) is not None:
                yield self._added(new.entries[follower], column)
                at = follower

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

    def _old(self, entry: Entry, new: Block, path: Path) -> str:
        text = self.before
        other = new.entries.get(entry.key)
        if path not in self.touched or other is None:
            return text[entry.lead : entry.stop]
        if self.actions.get(path) == "updated":
            value = self.after[other.after : other.stop]
            moved = _shifted(value, entry.column - other.column, first=False)
            return text[entry.lead : entry.after] + moved
        assert entry.block is not None
        assert other.block is not None
        return text[entry.lead : entry.after] + self._inside(entry, other, path)

    def _inside(self, entry: Entry, other: Entry, path: Path) -> str:
        old, new = entry.block, other.block
        assert old is not None
        assert new is not None
        column = entry.column
        column += new.column - other.column if new.entries else 0
        parts = "".join(self.merged(old, new, path, column))
        head = self.before[entry.after : old.body]
        if not old.entries:
            return _without_braces(head) + parts
        return head + parts if parts else " {}" + head

    def _added(self, entry: Entry, column: int) -> str:
        text = self.after[entry.lead : entry.stop]
        return _shifted(text, column - entry.column)


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
