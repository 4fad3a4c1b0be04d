"""What the YAML of an overlay says to Kustomize, for `footprints`: read, not obeyed.

Whatever might lend a resource another name is refused.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from environments.desired.yamlreading import NotYaml
from environments.desired.yamltrees import Tree, read_trees

_CONFIGURES = re.compile(r"config\.(?:kubernetes\.io|k8s\.io)")
"""In annotations and apiVersions that Kustomize itself obeys."""
_TAGS = re.compile(r"!!|!<|!binary|^%", re.MULTILINE)


class Unclear(Exception):
    """The overlay holds something that is not followed here."""


def read(text: str) -> list[Tree]:
    """Read every document of a text.

    :raises Unclear: it is no YAML, or says of a scalar that it is no plain text.
    """
    if _TAGS.search(text):
        raise Unclear
    try:
        return read_trees(text)
    except NotYaml as refusal:
        raise Unclear from refusal


def scalars(tree: Tree) -> Iterator[str]:
    """Yield every text that is a value, each node once: the tree may share nodes.

    :raises Unclear: a word that Kustomize obeys, or a merge key.
    """
    seen: set[int] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            _check_word(node)
            yield node
        elif node is not None and id(node) not in seen:
            seen.add(id(node))
            if isinstance(node, dict):
                for key in node:
                    _check_word(key)
                waiting.extend(node.values())
            else:
                waiting.extend(node)


def _check_word(word: str) -> None:
    if word == "<<" or _CONFIGURES.search(word):
        raise Unclear


def resources(tree: Tree) -> Iterator[dict[str, Tree]]:
    """Yield what Kustomize takes for resources of a document: lists are unpacked."""
    seen: set[int] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting.extend(maps(node.get("items")))


def inline_patches(kustomization: Mapping[str, Tree]) -> Iterator[str]:
    """Yield the patches that a kustomization holds itself.

    :raises Unclear: one may change names.
    """
    for name in ("patches", "patchesJson6902"):
        for entry in maps(kustomization.get(name)):
            for key, value in entry.items():
                if key.casefold() == "options":
                    raise Unclear
                if key.casefold() == "patch":
                    yield from text_of(value)
    patches = kustomization.get("patchesStrategicMerge")
    for patch in patches if isinstance(patches, list) else []:
        yield from (text for text in text_of(patch) if "\n" in text or ":" in text)


def check_json_patch(operations: list[Tree]) -> None:
    """Let pass what keeps the identity of its resource.

    :raises Unclear: it may name the resource anew.
    """
    for operation in maps(operations):
        for key, value in operation.items():
            if key.casefold() in {"path", "from"}:
                _check_pointer(value.split("/") if isinstance(value, str) else [])


def _check_pointer(steps: list[str]) -> None:
    match steps:
        case ["", "metadata", "annotations" | "labels", *_]:
            return
        case ["", "" | "metadata" | "apiVersion" | "kind", *_]:
            raise Unclear
        case ["", _, *_]:
            return
    raise Unclear


def text_of(value: Tree) -> Iterable[str]:
    """Give a text that is there.

    :raises Unclear: something else is.
    """
    if value is not None and not isinstance(value, str):
        raise Unclear
    return [value] if value else []


def maps(value: Tree) -> list[dict[str, Tree]]:
    """Give the maps of a list, or the one that stands in its place."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, dict)]
