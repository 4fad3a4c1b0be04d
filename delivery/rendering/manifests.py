"""The names of files that documents are committed under.

One resource a file, ``<unit>/<kind>-<name>.yaml``; what may be in it is not looked at.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from delivery.rendering.units import Document

EMPTY_MARKER: Final = ".gitkeep"
"""The one file of a rendering without resources: Git knows no empty folder."""

MAX_STEM: Final = 200
"""Longer names are cut: no file system takes more than 255 bytes."""

_UNSAFE = re.compile(r"[^a-z0-9.-]")


def file_names(unit: str, documents: Sequence[Document]) -> list[str]:
    """Give the path of each document of a unit, below the target's folder.

    Resources that would share a file all get a suffix made of their identity.
    """
    stems = [_stem(document) for document in documents]
    shared = {stem for stem, count in Counter(stems).items() if count > 1}
    return [
        f"{unit}/{_unique(stem, document, is_shared=stem in shared)}.yaml"
        for stem, document in zip(stems, documents, strict=True)
    ]


def _stem(document: Document) -> str:
    return f"{document.kind.lower()}-{_UNSAFE.sub('_', document.name)}"


def _unique(stem: str, document: Document, *, is_shared: bool) -> str:
    if not is_shared and len(stem) <= MAX_STEM:
        return stem
    identity = "\0".join((document.group, document.namespace or "", document.name))
    digest = hashlib.sha256(identity.encode()).hexdigest()
    return f"{stem[:MAX_STEM]}-{digest[:8]}"
