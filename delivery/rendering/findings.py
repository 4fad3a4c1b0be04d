"""What the checks made of a rendering that stands: the facts its gates are read from.

Errors are told by those who find them; here is what passed, what could not be looked
at, and what will end. Made of the identities of documents alone, never of their texts.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from delivery.rendering.api_versions import instead, lifetime_in
from delivery.rendering.kubernetes import Kind, minor_of, releases, schemas_for
from delivery.rendering.outlines import Outline
from delivery.rendering.units import Document

MAX_KINDS: Final = 50
MAX_NAMES: Final = 5


def findings(
    units: Sequence[Outline],
    kubernetes_version: str,
    valid_custom: Collection[Document] = frozenset(),
) -> dict[str, Any]:
    """Give what the checks say of the documents of *units*, as JSON's own types.

    ``valid_custom`` are those that a definition rendered with them takes, and
    ``custom`` counts them. ``schemas`` is the Kubernetes release whose schemas were
    used, or nothing, and ``held`` names those there are; ``kubernetes`` is what the
    target names, or nothing. ``validated`` counts resources with a schema of either
    kind; ``notValidated`` and ``deprecated`` list by kind, each with the first names,
    and ``…Count`` counts all of them.
    """
    release = schemas_for(kubernetes_version)
    judged = [unit.judged(kubernetes_version) for unit in units]
    custom = [one for of in judged for one in of.custom]
    unknown = [one for one in custom if one not in valid_custom]
    ending = [one for of in judged for one in of.ending]
    first, *_, last = releases()
    return {
        "schemas": str(release or ""),
        "held": f"{first} to {last}",
        "kubernetes": str(minor_of(kubernetes_version) or ""),
        "validated": sum(len(unit.documents) for unit in units) - len(unknown),
        "custom": len(custom) - len(unknown),
        "notValidated": _by_kind(unknown),
        "notValidatedCount": len(unknown),
        "deprecated": [
            {**row, **_end(rows[0].versioned_kind, kubernetes_version)}
            for row, rows in _grouped(ending)
        ],
        "deprecatedCount": len(ending),
    }


def _by_kind(documents: Iterable[Document]) -> list[dict[str, Any]]:
    return [row for row, _ in _grouped(documents)]


def _grouped(
    documents: Iterable[Document],
) -> list[tuple[dict[str, Any], list[Document]]]:
    found: dict[Kind, list[Document]] = defaultdict(list)
    for document in documents:
        found[document.versioned_kind].append(document)
    return [
        (
            {
                "apiVersion": kind.api_version,
                "kind": kind.kind,
                "count": len(rows),
                "names": [row.name for row in rows[:MAX_NAMES]],
            },
            rows,
        )
        for kind, rows in sorted(found.items())[:MAX_KINDS]
    ]


def _end(kind: Kind, kubernetes_version: str) -> dict[str, str]:
    end = lifetime_in(kind, kubernetes_version)
    assert end is not None, "asked of what is ending"
    return {
        "deprecatedIn": str(end.deprecated),
        "removedIn": str(end.removed or ""),
        "instead": instead(end),
    }
