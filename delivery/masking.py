"""Values inside ``Secret`` manifests, replaced by fingerprints wherever people look."""

from collections.abc import Callable, Iterator
from typing import Final

import yaml

from environments.desired.resolving import mask_of
from environments.secrets import fingerprinter

_HELD_IN: Final = frozenset({"data", "stringData"})
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Masker:
    """Masks the texts of one answer; the key of fingerprints is opened once."""

    def __init__(self) -> None:
        self._fingerprint: Callable[[str], str] | None = None

    def masked(self, text: str) -> str:
        """Return *text* with the values of a ``Secret`` masked; other kinds as is.

        Equal values have equal masks, so a diff still shows which one changed.
        """
        # A backslash may spell the kind in escapes.
        if "Secret" not in text and "\\" not in text:
            return text
        root = yaml.compose(text, Loader=_LOADER)
        if not isinstance(root, yaml.MappingNode) or _kind(root) != "Secret":
            return text
        parts, position = [], 0
        for start, end, node in sorted(_spans(root), key=lambda span: span[:2]):
            if start < position:
                continue  # inside an anchored value that is masked as a whole
            tail = "\n" if text[start:end].endswith("\n") else ""
            parts += [text[position:start], f'"{self._mask(node)}"{tail}']
            position = end
        return "".join([*parts, text[position:]])

    def _mask(self, node: yaml.Node) -> str:
        if self._fingerprint is None:
            self._fingerprint = fingerprinter()
        is_scalar = isinstance(node, yaml.ScalarNode)
        value = node.value if is_scalar else yaml.serialize(node)
        return mask_of(self._fingerprint(value))


def _spans(root: yaml.MappingNode) -> Iterator[tuple[int, int, yaml.Node]]:
    for key, value in root.value:
        if key.value in _HELD_IN and isinstance(value, yaml.MappingNode):
            for _, held in value.value:
                yield held.start_mark.index, held.end_mark.index, held
        elif key.value in _HELD_IN:
            yield value.start_mark.index, value.end_mark.index, value


def _kind(root: yaml.MappingNode) -> str:
    for key, value in root.value:
        if key.value == "kind" and isinstance(value, yaml.ScalarNode):
            return str(value.value)
    return ""
