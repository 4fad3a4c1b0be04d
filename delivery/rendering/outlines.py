"""A unit's documents as the checks between units see them: worked out once, no texts.

What is found of a unit that stays the same is kept with it, so that a rendering of
many units costs what has changed in it.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Generic, NamedTuple, Self, TypeVar

from delivery.rendering.api_versions import lifetime_in
from delivery.rendering.identities import (
    GroupKind,
    Identity,
    cluster_kinds,
    identity,
)
from delivery.rendering.kubernetes import kinds, schemas_for
from delivery.rendering.units import Document

T = TypeVar("T")


class Outline:
    """A unit's documents, and what is known of them; two threads may ask at once."""

    def __init__(
        self,
        unit: str,
        documents: Sequence[Document],
        *,
        own_kinds: Iterable[GroupKind] | None = None,
    ) -> None:
        """Outline *documents*.

        :param own_kinds: the kinds outside namespaces that they define; they are read
            from the texts if it is not given.
        """
        self.unit = unit
        self.documents = tuple(documents)
        if own_kinds is None:
            own_kinds = cluster_kinds(self.documents)
        self.own_kinds = frozenset(own_kinds)
        self._identified = _Last[_Identified]()
        self._judged = _Last[_Judged]()

    def without_texts(self) -> Self:
        """Return the same with documents as the cache has them."""
        found = [Document(d.api_version, d.kind, d.namespace, d.name, "", d.source)
                 for d in self.documents]  # fmt: skip
        return type(self)(self.unit, found, own_kinds=self.own_kinds)

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """The namespaces that documents name."""
        return frozenset(d.namespace for d in self.documents if d.namespace)

    @cached_property
    def has_definitions(self) -> bool:
        """Whether a document defines a kind."""
        return any(document.is_definition for document in self.documents)

    def identified(self, namespace: str, custom: frozenset[GroupKind]) -> "_Identified":
        """Say which resources the documents are, with a default namespace.

        ``custom`` are the kinds outside namespaces that are not Kubernetes' own.
        """
        asked = (namespace, custom)
        found = self._identified.get(asked)
        if found is None:
            each = tuple(identity(d, namespace, custom) for d in self.documents)
            reached = frozenset(one.reaches for one in each)
            found = _Identified(each, frozenset(each), reached)
            self._identified.put(asked, found)
        return found

    def judged(self, kubernetes_version: str) -> "_Judged":
        """Say which documents a Kubernetes release has no schema of, or gives up."""
        found = self._judged.get(kubernetes_version)
        if found is None:
            known = kinds(schemas_for(kubernetes_version))
            found = _Judged(
                tuple(d for d in self.documents if d.versioned_kind not in known),
                tuple(
                    document
                    for document in self.documents
                    if lifetime_in(document.versioned_kind, kubernetes_version)
                ),
            )
            self._judged.put(kubernetes_version, found)
        return found


class _Identified(NamedTuple):
    """The identity of each document, all of them, and the namespaces they reach."""

    each: tuple[Identity, ...]
    all: frozenset[Identity]
    reached: frozenset[str]


class _Judged(NamedTuple):
    """Documents of kinds without a schema, and those whose API version will end."""

    custom: tuple[Document, ...]
    ending: tuple[Document, ...]


class _Last(Generic[T]):
    """The last answer to one question: units are asked the same again and again."""

    def __init__(self) -> None:
        self._kept: tuple[object, T] | None = None

    def get(self, question: object) -> T | None:
        kept = self._kept
        return kept[1] if kept is not None and kept[0] == question else None

    def put(self, question: object, answer: T) -> None:
        self._kept = (question, answer)
