"""What an overlay calls its resources and what it may refer to: who can share a call.

Kustomize puts all that one call builds into one map, and mends there whatever refers
to a resource whose name or namespace has changed. An overlay comes out of a shared call
as it does alone if no reference of it can meet a resource of another. That is read from
the files here, on the safe side: an overlay that cannot be judged has no footprint.

Left out are the fields by which overlays of one call reach each other in other ways:
vars, replacements, buildMetadata, sortOptions, crds, configurations, openapi.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations, product
from typing import Final

from delivery.rendering.overlaytrees import (
    Unclear,
    check_json_patch,
    inline_patches,
    maps,
    read,
    resources,
    scalars,
    text_of,
)
from environments.desired.kustomizations import KUSTOMIZATION_NAMES
from environments.desired.yamltrees import Tree

MAX_TEXT: Final = 256 << 10
"""Characters of an overlay beyond which reading it here costs more than a call."""

_FIELDS: Final = frozenset(
    {
        *("apiVersion", "kind", "metadata", "resources", "components", "bases"),
        *("patches", "patchesJson6902", "patchesStrategicMerge"),
        *("images", "replicas", "labels", "commonLabels", "commonAnnotations"),
        *("namespace", "namePrefix", "nameSuffix"),
        *("configMapGenerator", "secretGenerator", "generatorOptions"),
    }
)
_GENERATORS: Final = frozenset({"configMapGenerator", "secretGenerator"})
_MAX_AFFIXES: Final = 2
_KUSTOMIZATION_API = re.compile(r"kustomize\.config\.k8s\.io/v1(?:alpha1|beta1)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.:_-]*")
_NO_TEXT: Final = frozenset(
    {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}
)
_HASHED = re.compile(r"(.+)-[0-9a-z]{10}")
"""A name with the hash that Kustomize adds to what it generates."""


@dataclass(frozen=True)
class Footprint:
    """What of an overlay others could meet.

    ``names`` are all that its resources may have, at any step; ``words`` all it says
    where a name may stand. ``written`` are the namespaces its files name, ``put`` those
    that its kustomizations put resources into. ``documents`` is their number.
    """

    names: frozenset[str]
    words: frozenset[str]
    written: frozenset[str]
    put: frozenset[str]
    documents: int

    def is_apart_from(self, other: "Footprint") -> bool:
        """Tell whether neither can take a resource of the other for its own.

        A reference with a namespace is looked up among the resources written for that
        namespace, and only where there are none among those put into it.
        """
        return (
            self.names.isdisjoint(other.words)
            and other.names.isdisjoint(self.words)
            and self.written.isdisjoint(other.put)
            and other.written.isdisjoint(self.put)
        )

    def __or__(self, other: "Footprint") -> "Footprint":
        return Footprint(
            self.names | other.names,
            self.words | other.words,
            self.written | other.written,
            self.put | other.put,
            self.documents + other.documents,
        )


def footprint(files: Mapping[str, str]) -> Footprint | None:
    """Read the footprint of an overlay's checked files, or nothing: it goes alone."""
    if sum(map(len, files.values())) > MAX_TEXT:
        return None
    try:
        return _Reading(files).footprint()
    except Unclear:
        return None


def without_hash(name: str) -> str:
    """Give a name without the hash at its end, if it has one."""
    found = _HASHED.fullmatch(name)
    return found[1] if found else name


@dataclass
class _Reading:
    files: Mapping[str, str]
    names: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=lambda: {"default"})
    put: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    affixes: dict[str, list[str]] = field(
        default_factory=lambda: {"namePrefix": [], "nameSuffix": []}
    )
    referred: set[str] = field(default_factory=set)
    documents: int = 0

    def footprint(self) -> Footprint:
        unread: set[str] = set()
        for path, text in self.files.items():
            if posixpath.basename(path) in KUSTOMIZATION_NAMES:
                self._take_kustomization(path, read(text))
                continue
            try:
                trees = read(text)
            except Unclear:
                unread.add(posixpath.normpath(path))
            else:
                self._take_documents(trees)
        # A file that is no YAML is text for a generator, which takes it whole.
        if unread & self.referred:
            raise Unclear
        if self.put and "Namespace" in self.kinds:
            # The field names such a resource as well.
            raise Unclear
        names = frozenset(self._affixed())
        words = self.words | names
        return Footprint(
            names,
            frozenset(words | set(map(without_hash, words))),
            frozenset(self.written),
            frozenset(self.put),
            self.documents,
        )

    def _take_kustomization(self, path: str, trees: list[Tree]) -> None:
        tree = trees[0] if len(trees) == 1 else None
        if not isinstance(tree, dict) or not tree.keys() <= _FIELDS:
            raise Unclear
        for version in text_of(tree.pop("apiVersion", None)):
            if not _KUSTOMIZATION_API.fullmatch(version):
                raise Unclear
        if tree.get("kind") == "Component" and path in KUSTOMIZATION_NAMES:
            raise Unclear
        if any("fields" in map(str.casefold, e) for e in maps(tree.get("labels"))):
            # They may be any, names among them.
            raise Unclear
        self._take_fields(posixpath.dirname(path), tree)
        for text in inline_patches(tree):
            self._take_documents(read(text))
        self.words.update(scalars(tree))

    def _take_fields(self, folder: str, tree: dict[str, Tree]) -> None:
        for affix, found in self.affixes.items():
            found.extend(text_of(tree.get(affix)))
        self.put.update(text_of(tree.get("namespace")))
        for name, value in tree.items():
            if name in _GENERATORS:
                self._take_generators(value)
            else:
                self.referred.update(
                    posixpath.normpath(posixpath.join(folder, word))
                    for word in scalars(value)
                )

    def _take_generators(self, entries: Tree) -> None:
        for entry in maps(entries):
            for key, value in entry.items():
                if key.casefold() == "name":
                    self.names.update(text_of(value))
                    self.documents += 1
                elif key.casefold() == "namespace":
                    self.written.update(text_of(value))

    def _take_documents(self, trees: list[Tree]) -> None:
        for tree in trees:
            self.words.update(scalars(tree))
            if isinstance(tree, list):
                check_json_patch(tree)
            for resource in resources(tree):
                self.documents += 1
                self.kinds.update(text_of(resource.get("kind")))
                about = resource.get("metadata")
                if isinstance(about, dict):
                    if "generateName" in about:
                        raise Unclear
                    self.names.update(text_of(about.get("name")))
                    self.written.update(text_of(about.get("namespace")))

    def _affixed(self) -> Iterator[str]:
        prefixes = list(_combinations(self.affixes["namePrefix"]))
        suffixes = list(_combinations(self.affixes["nameSuffix"]))
        for prefix, name, suffix in product(prefixes, self.names, suffixes):
            affixed = f"{prefix}{name}{suffix}"
            if not _NAME.fullmatch(affixed) or affixed.lower() in _NO_TEXT:
                raise Unclear
            yield affixed


def _combinations(affixes: list[str]) -> Iterator[str]:
    """Yield what any number of these, each at most once and in any order, come to."""
    if len(affixes) > _MAX_AFFIXES:
        raise Unclear
    for count in range(len(affixes) + 1):
        yield from map("".join, permutations(affixes, count))
