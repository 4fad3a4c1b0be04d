"""Values inside ``Secret`` manifests, replaced by fingerprints wherever people look."""

from collections.abc import Iterator
from typing import Final

import yaml

from environments.desired.resolving import mask_of
from environments.secrets import fingerprint_of

_HELD_IN: Final = ("data", "stringData")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def mask_secrets(text: str) -> str:
    """Return *text* with the values of a ``Secret`` masked; other kinds as they are.

    Equal values have equal masks, so a diff still shows which one changed.
    """
    if "Secret" not in text:
        return text
    root = yaml.compose(text, Loader=_LOADER)
    if not isinstance(root, yaml.MappingNode) or _field(root, "kind") != "Secret":
        return text
    masked = text
    for node in sorted(_values(root), key=lambda n: n.start_mark.index, reverse=True):
        start, end = node.start_mark.index, node.end_mark.index
        tail = "\n" if masked[start:end].endswith("\n") else ""
        mask = mask_of(fingerprint_of(_plain(node)))
        masked = f'{masked[:start]}"{mask}"{tail}{masked[end:]}'
    return masked


def _values(root: yaml.MappingNode) -> Iterator[yaml.Node]:
    for key, value in root.value:
        if key.value in _HELD_IN and isinstance(value, yaml.MappingNode):
            for _, held in value.value:
                yield held


def _field(root: yaml.MappingNode, name: str) -> str:
    for key, value in root.value:
        if key.value == name and isinstance(value, yaml.ScalarNode):
            return str(value.value)
    return ""


def _plain(node: yaml.Node) -> str:
    return node.value if isinstance(node, yaml.ScalarNode) else yaml.serialize(node)
