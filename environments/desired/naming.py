"""What the texts behind a change name: variables, and files of a kustomization."""

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import yaml

from environments.desired.change import (
    ASSIGNMENT,
    FILE,
    IMAGE,
    KUSTOMIZE_BINDING,
    MANIFEST_BINDING,
    VALUES,
    WORKLOAD,
    Change,
)
from environments.desired.kustomizations import KUSTOMIZATION_NAMES
from environments.desired.placeholders import find, mask
from environments.desired.state import OverlayState, State
from environments.desired.substitution import find_used
from environments.desired.text_store import Texts
from environments.desired.texts import TextRefused
from environments.desired.values import display_value, parse_pointer
from environments.desired.yamlreading import NotYaml, read_events

FACETS_OF_TEXTS = (ASSIGNMENT, IMAGE, VALUES, FILE)

_VALUES_PATH = "values.yaml"

Asked = tuple[str, str | None]
"""A key, and the scope it is pinned to."""


@dataclass(frozen=True)
class VariableName:
    """A variable as a text asks for it, for a service or for none."""

    key: str
    pinned: str | None
    service: str | None


class NamesInTexts:
    """Finds the variables that changes name; each text is read once.

    :param keys: the keys that are asked about; others are left out
    """

    def __init__(self, texts: Texts, keys: Collection[str]) -> None:
        self._texts = texts
        self._keys = keys
        self._read: dict[tuple[str, str], frozenset[Asked]] = {}

    def of(self, change: Change, state: State) -> set[VariableName]:
        """Return the variables named by what a change holds in one state."""
        if change.type == WORKLOAD:
            return self._in_workload(change, state)
        service, files = _files(change, state)
        return {
            VariableName(key, pinned, service)
            for path, digest in files
            if change.facet == ASSIGNMENT or change.path == path
            for key, pinned in self._used(digest, path)
        }

    def _in_workload(self, change: Change, state: State) -> set[VariableName]:
        workload = state.workload_named.get(change.object)
        names: set[VariableName] = set()
        for layer, digest in workload.layers if workload else ():
            if change.layer not in (None, layer):
                continue
            used = self._used(digest, _VALUES_PATH)
            if used and change.path:
                path = parse_pointer(change.path)
                value = display_value(self._texts[digest], path) or ""
                used &= {(found.key, found.scope) for found in find(value)}
            names |= {VariableName(key, pin, change.object) for key, pin in used}
        return names

    def _used(self, digest: str, path: str) -> frozenset[Asked]:
        """Return what a text asks for outside of comments."""
        if (digest, path) not in self._read:
            text = self._texts[digest]
            used = _asked(text, path) if "{{" in text else ()
            kept = frozenset(asked for asked in used if asked[0] in self._keys)
            self._read[digest, path] = kept
        return self._read[digest, path]


def is_kustomization(path: str) -> bool:
    """Tell whether a file of an overlay says what the overlay is made of."""
    return posixpath.basename(path) in KUSTOMIZATION_NAMES


def overlay_text(state: State, overlay: str, path: str, texts: Texts) -> str:
    """Return a file of an overlay; the empty text where there is none."""
    for found in state.overlays:
        if found.name == overlay:
            digest = dict(found.files).get(path)
            return "" if digest is None else texts[digest]
    return ""


@dataclass(frozen=True)
class NamedFiles:
    """The paths that a kustomization names, from the root of its overlay."""

    paths: frozenset[str]

    def __contains__(self, path: str) -> bool:
        """Tell whether it names a file, or the folder that the file describes."""
        if path in self.paths:
            return True
        folder = posixpath.dirname(path) or "."
        return is_kustomization(path) and folder in self.paths


def named_files(text: str, path: str) -> NamedFiles:
    """Return what the text of a kustomization at a path names.

    Any scalar that reads as a path counts, `key=file` too: Kustomize has a score of
    fields that name files, and a word that is no file's name matches none.
    """
    folder = posixpath.dirname(path)
    named = {
        posixpath.normpath(posixpath.join(folder, word))
        for scalar in _scalars(text)
        for word in (scalar, scalar.partition("=")[2])
        if word and "\n" not in word and "://" not in word
    }
    return NamedFiles(frozenset(named))


def _files(
    change: Change, state: State
) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    for binding in state.bindings:
        if binding.name != change.object:
            continue
        if isinstance(binding, OverlayState):
            if change.type == KUSTOMIZE_BINDING:
                return binding.workload, binding.files
        elif change.type == MANIFEST_BINDING:
            return None, binding.files
    return None, ()


def _asked(text: str, path: str) -> Iterator[Asked]:
    try:
        for found in find_used(text, path=path):
            yield found.key, found.scope
    except TextRefused:
        return


def _scalars(text: str) -> Iterator[str]:
    try:
        for event in read_events(mask(text)):
            if isinstance(event, yaml.ScalarEvent):
                yield event.value
    except NotYaml:
        return
