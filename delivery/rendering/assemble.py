"""All units of a target put together: one tree of files, or every error at once.

Checked here is what no unit can see alone: the same resource twice, and resources in
the namespace of another target. Writing Git objects is not done here.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from delivery.rendering.identities import GroupKind, Identity
from delivery.rendering.manifests import EMPTY_MARKER, file_names
from delivery.rendering.outlines import Outline
from delivery.rendering.units import Document, RenderError, UnitRefused, UnitResult


@dataclass(frozen=True)
class AssembledTarget:
    """Where the units go.

    ``namespace`` is where resources land that name none; ``foreign_namespaces`` are
    those of other targets on the same cluster.
    """

    namespace: str
    foreign_namespaces: Collection[str] = ()


def assemble(
    results: Sequence[UnitResult], target: AssembledTarget
) -> dict[str, bytes]:
    """Lay all documents out as files: path below ``<tenant>/<environment>``, to bytes.

    :raises UnitRefused: with the errors of every unit, and those between units.
    """
    errors = [error for result in results for error in result.errors]
    outlines = [Outline(result.unit, result.documents) for result in results]
    errors += errors_between(outlines, target)
    if errors:
        raise UnitRefused(*dict.fromkeys(errors))
    files: dict[str, bytes] = {}
    for result in results:
        names = file_names(result.unit, result.documents)
        for name, document in zip(names, result.documents, strict=True):
            files[name] = document.text.encode()
    return dict(sorted(files.items())) or {EMPTY_MARKER: b""}


def errors_between(
    units: Sequence[Outline], target: AssembledTarget
) -> Iterator[RenderError]:
    """Yield what is wrong between units: resources twice, and in foreign namespaces."""
    custom = frozenset[GroupKind]().union(*(unit.own_kinds for unit in units))
    found = [unit.identified(target.namespace, custom) for unit in units]
    foreign = frozenset(target.foreign_namespaces)
    distinct = set[Identity]().union(*(of.all for of in found))
    if len(distinct) == sum(len(of.each) for of in found) and all(
        foreign.isdisjoint(of.reached) for of in found
    ):
        return
    seen: dict[Identity, str] = {}
    for unit, of in zip(units, found, strict=True):
        for document, one in zip(unit.documents, of.each, strict=True):
            if one in seen:
                yield _duplicate(one, document, unit.unit, seen[one])
            seen.setdefault(one, unit.unit)
            if one.reaches in foreign:
                message = f"{document.title} reaches into namespace {one.reaches}"
                yield _error(
                    f"{message}, which belongs to another target",
                    document,
                    unit.unit,
                    "namespace_escape",
                )


def _duplicate(
    found: Identity, document: Document, unit: str, first: str
) -> RenderError:
    units = f"unit {unit}" if unit == first else f"units {first} and {unit}"
    message = f"{found.title} is rendered twice, by {units}"
    return _error(message, document, unit, "duplicate_resource")


def _error(message: str, document: Document, unit: str, reason: str) -> RenderError:
    return RenderError("template_error", unit, message, document.source, None, reason)
