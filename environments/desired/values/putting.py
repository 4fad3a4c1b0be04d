"""Taking a key out of a values text, and writing lists of scalars into it.

Like setting a scalar: on the text, and everything else keeps its bytes.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from environments.desired.values.changes import CannotSet, Path, ValueChange
from environments.desired.values.nodes import Node
from environments.desired.values.reading import read_values
from environments.desired.values.setting import leaves_of, set_plain
from environments.desired.values.showing import find_node
from environments.desired.values.splicing import splice


def remove_value(text: str, path: Path) -> str:
    """Take a key out of a saved values text, with the comments that are its own.

    A map that loses its last key becomes ``{}``. What is not there stays away.

    :raises CannotSet: where the text, or the map around the key, has no lines to cut
    """
    node = find_node(text, path)
    if node is None:
        return text
    old = read_values(text)
    block = old.block
    for key in path[:-1]:
        entry = block.entries.get(key) if block else None
        block = entry.block if entry else None
    if block is None or path[-1] not in block.entries:
        raise CannotSet("what stands there cannot be cut out line by line", path=path)
    result = splice(old, old, [ValueChange(path, "removed")])
    _check(text, result, path)
    return result


def set_list(text: str, path: Path, items: Sequence[str]) -> str:
    """Write a list of scalars; items that stay keep their lines and comments.

    :param items: at least one, each as YAML has it
    :raises CannotSet: where something else than a list of scalars stands there, or
        comments would get lost
    """
    node = find_node(text, path)
    if node is None or node.is_null:
        # A list cannot be set where a scalar is asked for: make its place first.
        text = set_plain(text, path, "0")
        node = find_node(text, path)
        assert node is not None, "it was just set"
        result = text[: node.start] + _flow(items) + text[node.end :]
    elif node.kind != "list" or node.is_marked or not _holds_scalars(node):
        raise CannotSet("there is something else than a plain list", path=path)
    elif node.is_flow:
        result = _in_flow(text, node, path, items)
    else:
        result = _in_block(text, node, path, items)
    _check(text, result, path)
    found = find_node(result, path)
    wanted = read_values(f"a: {_flow(items)}\n").root
    assert wanted is not None
    if found is None or _said(found) != _said(wanted.items[0]):
        raise CannotSet("these items cannot stand in this list", path=path)
    return result


def _holds_scalars(node: Node) -> bool:
    return all(item.kind == "scalar" and not item.is_marked for item in node.items)


def _said(node: Node) -> list[str]:
    return [item.value for item in node.items]


def _flow(items: Sequence[str]) -> str:
    return "[" + ", ".join(items) + "]"


def _in_flow(text: str, node: Node, path: Path, items: Sequence[str]) -> str:
    if "#" in text[node.start : node.end]:
        raise CannotSet("the list holds comments", path=path)
    return text[: node.start] + _flow(items) + text[node.end :]


def _in_block(text: str, node: Node, path: Path, items: Sequence[str]) -> str:
    begin = text.rfind("\n", 0, node.start) + 1
    if text[begin : node.start].strip(" "):
        raise CannotSet("the list begins behind something else", path=path)
    dash = text[begin : node.start] + "- "
    values = [_value_of(item) for item in items]
    lines = "".join(_lines(text, begin, node, dash, items, values))
    return text[:begin] + lines + text[node.stop :]


def _lines(
    text: str,
    begin: int,
    node: Node,
    dash: str,
    items: Sequence[str],
    values: Sequence[str],
) -> Iterator[str]:
    """Yield the lines of the new list; ``begin`` is where those of the old one do."""
    stops = [begin, *(item.stop for item in node.items)]
    matcher = SequenceMatcher(None, _said(node), values, autojunk=False)
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag == "equal":
            yield text[stops[low] : stops[high]]
            continue
        for index in range(new_low, new_high):
            at = low + index - new_low
            old = node.items[at] if at < high else None
            if old is None or old.style in {"|", ">"}:
                yield f"{dash}{items[index]}\n"
            else:
                after = text[old.end : old.stop]
                yield text[stops[at] : old.start] + items[index] + after


def _value_of(item: str) -> str:
    root = read_values(f"a: {item}\n").root
    return root.items[0].value if root is not None else item


def _check(before: str, after: str, path: Path) -> None:
    """Refuse a result that differs anywhere but at *path*."""

    def others(text: str) -> dict[Path, tuple[str, ...]]:
        leaves = leaves_of(read_values(text).root)
        return {
            at: meaning
            for at, meaning in leaves.items()
            if at[: len(path)] != path and path[: len(at)] != at
        }

    if others(before) != others(after):
        raise CannotSet("the text around it does not allow it", path=path)
