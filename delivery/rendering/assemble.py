"""All units of a target put together: one tree of files, or every error at once.

Checked here is what no unit can see alone: the same resource twice, and resources in
the namespace of another target. Writing Git objects is not done here.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from delivery.rendering.identities import Identity, cluster_kinds, identity
from delivery.rendering.manifests import EMPTY_MARKER, file_names
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
    errors += errors_between(results, target)
    if errors:
        raise UnitRefused(*dict.fromkeys(errors))
    files: dict[str, bytes] = {}
    for result in results:
        names = file_names(result.unit, result.documents)
        for name, document in zip(names, result.documents, strict=True):
            files[name] = document.text.encode()
    return dict(sorted(files.items())) or {EMPTY_MARKER: b""}


def errors_between(
    results: Sequence[UnitResult], target: AssembledTarget
) -> Iterator[RenderError]:
    """Yield what is wrong between units: resources twice, and in foreign namespaces.

    Texts are looked at in definitions of kinds alone, for their scope.
    """
    outside = cluster_kinds(
        document for result in results for document in result.documents
    )
    foreign = bool(target.foreign_namespaces)
    seen: dict[Identity, str] = {}
    for result in results:
        for document in result.documents:
            found = identity(document, target.namespace, outside)
            if found in seen:
                yield _duplicate(found, document, result.unit, seen[found])
            seen.setdefault(found, result.unit)
            if foreign and (escape := _escape(found, target)) is not None:
                message = f"{document.title} reaches into namespace {escape}"
                yield _error(
                    f"{message}, which belongs to another target",
                    document,
                    result.unit,
                    "namespace_escape",
                )


def _escape(found: Identity, target: AssembledTarget) -> str | None:
    is_namespace = (found.group, found.kind) == ("", "Namespace")
    reached = found.name if is_namespace else found.namespace
    return reached if reached in target.foreign_namespaces else None


def _duplicate(
    found: Identity, document: Document, unit: str, first: str
) -> RenderError:
    units = f"unit {unit}" if unit == first else f"units {first} and {unit}"
    message = f"{found.title} is rendered twice, by {units}"
    return _error(message, document, unit, "duplicate_resource")


def _error(message: str, document: Document, unit: str, reason: str) -> RenderError:
    return RenderError("template_error", unit, message, document.source, None, reason)
