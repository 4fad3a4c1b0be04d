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
from environments.desired.placeholders import find, mask
from environments.desired.state import EMPTY_TEXT, OverlayState, State
from environments.desired.substitution import find_used
from environments.desired.text_store import Texts
from environments.desired.texts import TextRefused
from environments.desired.values import display_value, parse_pointer
from environments.desired.yamlreading import NotYaml, read_events

FACETS_OF_TEXTS = (ASSIGNMENT, IMAGE, VALUES, FILE)

_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_VALUES_PATH = "values.yaml"


@dataclass(frozen=True)
class VariableName:
    """A variable as a text asks for it, for a service or for none."""

    key: str
    pinned: str | None
    service: str | None


def names_in(
    change: Change, state: State, texts: Texts, keys: Collection[str]
) -> set[VariableName]:
    """Return the variables named by what a change holds in one state.

    :param keys: the keys that are asked about; others are left out
    """
    if change.type == WORKLOAD:
        return _in_workload(change, state, texts, keys)
    service, files = _files(change, state)
    names: set[VariableName] = set()
    for path, digest in files:
        if change.facet == ASSIGNMENT or change.path == path:
            names |= _used(texts[digest], path, service, keys)
    return names


def is_kustomization(path: str) -> bool:
    """Tell whether a file of an overlay says what the overlay is made of."""
    return posixpath.basename(path) in _KUSTOMIZATIONS


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


def _in_workload(
    change: Change, state: State, texts: Texts, keys: Collection[str]
) -> set[VariableName]:
    workload = state.workload_named.get(change.object)
    if workload is None:
        return set()
    names: set[VariableName] = set()
    for layer, digest in workload.layers:
        if digest == EMPTY_TEXT or change.layer not in (None, layer):
            continue
        text = texts[digest]
        used = _used(text, _VALUES_PATH, workload.name, keys)
        if used and change.path:
            value = display_value(text, parse_pointer(change.path)) or ""
            within = {(found.key, found.scope) for found in find(value)}
            used = {name for name in used if (name.key, name.pinned) in within}
        names |= used
    return names


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


def _used(
    text: str, path: str, service: str | None, keys: Collection[str]
) -> set[VariableName]:
    if not any(found.key in keys for found in find(text)):
        return set()
    try:
        used = find_used(text, path=path)
    except TextRefused:
        return set()
    return {
        VariableName(found.key, found.scope, service)
        for found in used
        if found.key in keys
    }


def _scalars(text: str) -> Iterator[str]:
    try:
        for event in read_events(mask(text)):
            if isinstance(event, yaml.ScalarEvent):
                yield event.value
    except NotYaml:
        return
