"""Setting one scalar of a values text, on the text: everything else keeps its bytes."""

import re
from typing import Final

from environments.desired.texts import FORBIDDEN
from environments.desired.values.changes import CannotSet, Path
from environments.desired.values.nodes import Node
from environments.desired.values.reading import read_values

_PLAIN: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9_./-]*|[0-9]+(?:\.[0-9]+){2,}(?:[-+][0-9A-Za-z.-]+)?"
)
_WORDS: Final = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nil", "nan", "inf")
)
"""What some reader of YAML 1.1, Helm's among them, takes for something else."""
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}

Leaves = dict[Path, tuple[str, ...]]


def set_scalar(text: str, path: Path, value: str) -> str:
    """Set the scalar at a path of a saved values text, as a string.

    Keys and maps that are missing are made. Quotes are those of the old value, or
    double ones wherever Helm might read anything but a string.

    :raises CannotSet: where the path leads through a list's end, a scalar or an alias,
        or to a map, a list, or a value with an anchor or tag; where the text is no
        YAML; or where the value holds a character that may not stand in a text.
    """
    return _set(text, path, value)


def set_plain(text: str, path: Path, value: str) -> str:
    """Set the scalar at a path as `set_scalar` does, without quotes: no string.

    *value* is a number, ``true``, ``false`` or a placeholder, written as YAML has it.

    :raises CannotSet: as `set_scalar`
    """
    return _set(text, path, value, is_plain=True)


def _set(text: str, path: Path, value: str, *, is_plain: bool = False) -> str:
    if not path:
        raise CannotSet("the root is no scalar", path=path)
    if any(FORBIDDEN.search(part) for part in (*path, value)):
        raise CannotSet("a character that may not stand in a text", path=path)
    text = text if not text or text.endswith("\n") else text + "\n"
    values = read_values(text)
    if values.root is None and values.block is None:
        raise CannotSet("the text is no YAML", path=path)
    result = _Setting(text, path, value, is_plain=is_plain).result(values.root)
    _check(values.root, result, path, value)
    return result


class _Setting:
    """Finds the place in one text, and writes there."""

    def __init__(self, text: str, path: Path, value: str, *, is_plain: bool) -> None:
        self.text = text
        self.path = path
        self.value = value
        self.is_plain = is_plain

    def result(self, root: Node | None) -> str:
        if root is None:
            return self.with_lines(len(self.text), self.path, 0)
        node, parent, in_flow = root, None, False
        for depth, key in enumerate(self.path):
            in_flow = in_flow or node.is_flow
            child = node.child(key)
            if child is None:
                return self.with_new(node, parent, depth, in_flow=in_flow)
            node, parent = child, node
        return self.replaced(node)

    def replaced(self, node: Node) -> str:
        if node.is_marked:
            raise self.refused("the value there has an anchor or a tag")
        if node.kind != "scalar":
            raise self.refused(f"there is a {node.kind}, no scalar")
        written = self.written(node.style)
        if node.style in {"|", ">"}:
            header = self.text[node.start : self.text.find("\n", node.start)]
            comment = re.search(r"[ \t]+#.*", header)
            written += (comment[0] if comment else "") + "\n"
            return self.put(node.start, node.stop, written)
        if node.start == node.end:
            written = " " + written
        return self.put(node.start, node.end, written)

    def with_new(
        self, node: Node, parent: Node | None, depth: int, *, in_flow: bool
    ) -> str:
        """Make the keys from ``depth`` on inside a map, or in place of a null."""
        missing = self.path[depth:]
        if node.is_marked and node.is_null:
            raise self.refused("the value there has an anchor or a tag")
        if node.is_null:
            return self.with_map(node, parent, depth, in_flow=in_flow)
        if node.kind != "map":
            where = "/".join(self.path[:depth]) or "the root"
            raise self.refused(f"{where} is no map")
        if not node.is_flow:
            return self.with_lines(node.stop, missing, node.keys[0].column)
        if not node.items:
            return self.put(node.start + 1, node.start + 1, self.flow(missing))
        last = max(node.keys[-1].end, node.items[-1].end)
        return self.put(last, last, ", " + self.flow(missing))

    def with_map(
        self, node: Node, parent: Node | None, depth: int, *, in_flow: bool
    ) -> str:
        missing = self.path[depth:]
        if parent is None:
            return self.with_lines(len(self.text), missing, 0)
        if in_flow or parent.kind == "list":
            space = " " if node.start == node.end else ""
            written = f"{space}{{{self.flow(missing)}}}"
            return self.put(node.start, node.end, written)
        key = parent.keys[next(i for i, n in enumerate(parent.items) if n is node)]
        kept = self.text[: node.start].rstrip(" ") + self.text[node.end :]
        stop = kept.find("\n", key.end) + 1
        moved = _Setting(kept, self.path, self.value, is_plain=self.is_plain)
        return moved.with_lines(stop, missing, key.column + 2)

    def with_lines(self, at: int, missing: Path, column: int) -> str:
        lines = [
            " " * (column + 2 * level) + _key(key) + ":"
            for level, key in enumerate(missing)
        ]
        lines[-1] += " " + self.written("")
        return self.put(at, at, "\n".join(lines) + "\n")

    def flow(self, missing: Path) -> str:
        *outer, last = missing
        opened = "".join(_key(key) + ": {" for key in outer)
        return f"{opened}{_key(last)}: {self.written('')}" + "}" * len(outer)

    def written(self, style: str) -> str:
        """Write the value in the quotes of the old one where they allow it."""
        if self.is_plain:
            return self.value
        if style == "'" and not re.search(r"[\n\t]|^ | $", self.value):
            return "'" + self.value.replace("'", "''") + "'"
        return _quoted(self.value) if style else as_string(self.value)

    def put(self, start: int, end: int, written: str) -> str:
        return self.text[:start] + written + self.text[end:]

    def refused(self, reason: str) -> CannotSet:
        return CannotSet(reason, path=self.path)


def as_string(value: str) -> str:
    """Write a string as YAML: in quotes wherever a reader may take it otherwise."""
    return value if _is_plain(value) else _quoted(value)


def _key(key: str) -> str:
    is_plain = _is_plain(key) and not key[0].isdigit()
    return key if is_plain else _quoted(key)


def _is_plain(value: str) -> bool:
    return bool(_PLAIN.fullmatch(value)) and value.lower() not in _WORDS


def _quoted(value: str) -> str:
    escaped = "".join(_ESCAPES.get(character, character) for character in value)
    return f'"{escaped}"'


def _check(root: Node | None, result: str, path: Path, value: str) -> None:
    """Hold the result against the old text: nothing may differ but the one scalar."""
    wanted = leaves_of(root)
    for length in range(len(path) + 1):
        wanted.pop(path[:length], None)
    got = leaves_of(read_values(result).root)
    meaning = got.pop(path, ())
    if got != wanted or meaning[-1:] != (value,):
        raise CannotSet("the text around it does not allow it", path=path)


def leaves_of(root: Node | None) -> Leaves:
    """List the scalars, aliases and empty collections of a tree by their paths."""
    leaves: Leaves = {}
    rest: list[tuple[Path, Node]] = [] if root is None else [((), root)]
    while rest:
        path, node = rest.pop()
        if not node.items:
            leaves[path] = node.meaning
        names = [f"{at}" for at in range(len(node.items))]
        if node.kind == "map":
            names = [
                key.value if key.kind == "scalar" else repr(key.meaning)
                for key in node.keys
            ]
        rest += [((*path, n), i) for n, i in zip(names, node.items, strict=True)]
    return leaves
