"""What a values text says at a path, as text to read; and its images.

Nothing is compared or changed here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import dedent, indent
from typing import Final

from environments.desired.values.changes import Path
from environments.desired.values.nodes import Node
from environments.desired.values.reading import WALKED_LEVELS, read_values

IMAGE_PARTS: Final = ("registry", "repository", "tag", "digest")


@dataclass(frozen=True, slots=True)
class Image:
    """An image of a values text: a map under a key like ``image``, or a scalar.

    ``parts`` holds those of ``IMAGE_PARTS`` it has, as plain values; a scalar is split
    into ``repository`` (with its registry), ``tag`` and ``digest``.
    """

    path: Path
    is_map: bool
    parts: Mapping[str, str]

    def covers(self, path: Path) -> bool:
        """Tell whether a change at this path is one of the image itself."""
        if path == self.path:
            return True
        return self.is_map and path[:-1] == self.path and path[-1] in IMAGE_PARTS

    @property
    def reference(self) -> str:
        """The image as one would pull it: ``registry/repository:tag@digest``."""
        name = self.parts.get("repository", "")
        if self.parts.get("registry"):
            name = f"{self.parts['registry']}/{name}"
        tag, digest = self.parts.get("tag"), self.parts.get("digest")
        return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def display_value(text: str, path: Path) -> str | None:
    """Return the value at a path as it is written, without the comment behind it.

    Lines of a value over several lines move to the left. An empty value shows as
    ``null``; the empty path is the whole text. None where there is no such key.
    """
    if not path:
        return text
    node = find_node(text, path)
    return None if node is None else display_node(text, node)


def display_node(text: str, node: Node) -> str:
    """Return a node of a text as `display_value` does, where it is at hand."""
    if node.kind in {"map", "list"} and not node.is_flow and node.items:
        start = text.rfind("\n", 0, node.start) + 1
        is_first = not text[start : node.start].strip(" ")
        shown = text[start if is_first else node.start : node.stop]
    elif node.kind == "scalar" and node.style in {"|", ">"}:
        header, _, lines = text[node.start : node.stop].partition("\n")
        shown = header + "\n" + indent(_dedented(lines.rstrip("\n")), "  ")
        return shown.rstrip("\n")
    else:
        shown = text[node.start : node.end]
    return _dedented(shown.rstrip("\n")) or "null"


def image_paths(text: str) -> dict[Path, Image]:
    """Find the images of a values text, in order.

    An image is what stands under a key that is ``image`` or ends in ``Image``, in maps
    within maps, and is a map or a scalar.
    """
    root = read_values(text).root
    return {} if root is None else {i.path: i for i in _images(root, ())}


def find_node(text: str, path: Path) -> Node | None:
    """Return the node at a path of a values text, through maps and lists."""
    node = read_values(text).root
    for key in path:
        if node is None:
            return None
        node = node.child(key)
    return node


def _images(node: Node, path: Path) -> Iterator[Image]:
    if node.kind != "map" or len(path) > WALKED_LEVELS:
        return
    for key, item in zip(node.keys, node.items, strict=True):
        here = (*path, key.value)
        if key.value == "image" or key.value.endswith("Image"):
            if item.kind == "map":
                yield Image(here, is_map=True, parts=_parts(item))
            elif item.kind == "scalar" and not item.is_null:
                yield Image(here, is_map=False, parts=_split(item.value))
        yield from _images(item, here)


def _parts(node: Node) -> dict[str, str]:
    parts = {}
    for name in IMAGE_PARTS:
        item = node.child(name)
        if item is not None and item.kind == "scalar":
            parts[name] = "" if item.is_null else item.value
    return parts


def _split(reference: str) -> dict[str, str]:
    """Split ``repository:tag@digest``; the port of a registry is no tag."""
    name, _, digest = reference.partition("@")
    head, _, tail = name.rpartition(":")
    is_tagged = bool(head) and "/" not in tail
    parts = {
        "repository": head if is_tagged else name,
        "tag": tail if is_tagged else "",
        "digest": digest,
    }
    return {part: value for part, value in parts.items() if value}


def _dedented(text: str) -> str:
    if text.startswith(" "):
        return dedent(text)
    first, *rest = text.split("\n")
    return "\n".join([first, *dedent("\n".join(rest)).split("\n")]) if rest else first
