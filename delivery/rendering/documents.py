"""Splitting what an engine printed into resources, bytes kept as they were printed.

Dropped are leading ``---`` lines, documents without content, and empty lines around a
document; line ends become LF with one at the end. Comments stay, ``# Source:`` too. A
``List`` becomes its items, each with the ``# Source:`` lines of the list, since every
resource is a file of its own. What a resource may say is for `checks`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from delivery.rendering.lists import ItemsInseparable, item_texts
from delivery.rendering.units import Document
from environments.desired.yamljson import Json, read_jsons
from environments.desired.yamlreading import NotYaml

_MARKER = re.compile(r"^---(?=[ \t\n]|\Z)[ \t]*", re.MULTILINE)
_SOURCE = re.compile(r"^# Source: (.*)$", re.MULTILINE)
_KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")
_IDENTIFYING: Final = frozenset(
    {
        *("apiVersion", "kind", "metadata", "items"),
        *("name", "generateName", "namespace"),
    }
)
"""Keys that decide what a resource is: twice, readers may differ on which counts."""
_NOTHING: Final[tuple[Json, ...]] = (None, "", {}, [])
MAX_NAME: Final = 253


class DocumentRefused(Exception):
    """A document that is no resource. ``line`` counts from 1 in the split text."""

    def __init__(self, message: str, line: int, source: str) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.source = source


@dataclass(frozen=True)
class Chunk:
    """The text between two document markers; ``line`` is its first, from 1."""

    line: int
    text: str

    @property
    def source(self) -> str:
        """The chart file that Helm names above the document, or nothing."""
        return source_of(self.text)


def source_of(text: str) -> str:
    """Give the chart file that Helm names in a document's first comment."""
    found = _SOURCE.search(text)
    return found[1].strip() if found else ""


def split(text: str) -> Iterator[Chunk]:
    """Cut a stream of YAML documents at its markers, dropping blank ones."""
    text = text.replace("\r\n", "\n").removeprefix("\ufeff")
    start, line = 0, 1
    for marker in [*_MARKER.finditer(text), None]:
        end = marker.start() if marker else len(text)
        if chunk := _trimmed(text[start:end], line):
            yield chunk
        if marker:
            line += text.count("\n", start, marker.end())
            start = marker.end()


def _trimmed(text: str, line: int) -> Chunk | None:
    """Take the line ends around a document off, and no more.

    A last line of spaces may belong to a block scalar.
    """
    if not text.strip():
        return None
    above = len(text) - len(text.lstrip("\n"))
    return Chunk(line + above, text.strip("\n") + "\n")


@dataclass(frozen=True)
class Resource:
    """A document, and what a cluster reads in its text."""

    document: Document
    json: Json


def read_documents(chunk: Chunk) -> list[Document]:
    """Read the documents of one chunk, as `read_resources`."""
    return [resource.document for resource in read_resources(chunk)]


def read_resources(chunk: Chunk) -> Iterator[Resource]:
    """Read the resources of one chunk: none, one, or the items of a list.

    :raises DocumentRefused: no YAML, no map, or without what names a resource.
    """
    try:
        read = read_jsons(chunk.text, once=_IDENTIFYING)
    except NotYaml as refusal:
        line = chunk.line + (refusal.line or 1) - 1
        raise DocumentRefused(refusal.reason, line, chunk.source) from refusal
    if len(read) > 1:
        message = "several documents without --- between them"
        raise DocumentRefused(message, chunk.line, chunk.source)
    if not read or read[0] in _NOTHING:
        return
    if _is_list(read[0]):
        for text in _item_texts(read[0], chunk):
            yield from read_resources(Chunk(chunk.line, text))
    else:
        yield Resource(_document(read[0], chunk), read[0])


def _is_list(tree: Json) -> bool:
    if not isinstance(tree, dict) or not str(tree.get("kind") or "").endswith("List"):
        return False
    items = tree.get("items")
    if tree["kind"] == "List" and items is None:
        return True
    return isinstance(items, list) and all(
        isinstance(item, dict) and "apiVersion" in item and "kind" in item
        for item in items
    )


def _item_texts(tree: dict[str, Any], chunk: Chunk) -> list[str]:
    try:
        texts = item_texts(chunk.text, tree.get("items") or [])
    except ItemsInseparable as refusal:
        message = "the items of this list cannot be told apart; write them out"
        raise DocumentRefused(message, chunk.line, chunk.source) from refusal
    head = "".join(f"# Source: {found}\n" for found in _SOURCE.findall(chunk.text))
    return [head + text for text in texts]


def _document(tree: Json, chunk: Chunk) -> Document:
    def refuse(message: str) -> DocumentRefused:
        return DocumentRefused(message, chunk.line, chunk.source)

    if not isinstance(tree, dict):
        raise refuse("a document that is no map")
    api_version, kind = tree.get("apiVersion"), tree.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        raise refuse("a document without apiVersion or kind")
    if not _KIND.fullmatch(kind):
        raise refuse("a document whose kind is no Kubernetes kind")
    about = tree.get("metadata")
    about = about if isinstance(about, dict) else {}
    name = about.get("name") or about.get("generateName")
    if name and not isinstance(name, str):
        raise refuse(f"a {kind} with a metadata.name that is no text: quote it")
    if not name or len(name) > MAX_NAME:
        raise refuse(f"a {kind} without metadata.name")
    namespace = about.get("namespace")
    if namespace is not None and not isinstance(namespace, str):
        raise refuse(f"{kind} {name} has a namespace that is no text")
    return Document(api_version, kind, namespace, name, chunk.text)
