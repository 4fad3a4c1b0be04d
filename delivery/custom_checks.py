"""Custom resources of a rendering against definitions of the same rendering.

A definition and its resources may be of different units, cached or fresh. Here they
are only brought together: what they say is read in the rendering child.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from dulwich.objects import Blob

from delivery.git.repository import Repository
from delivery.rendering.custom import CustomJob
from delivery.rendering.kubernetes import kinds, schemas_for
from delivery.rendering.outlines import Outline
from delivery.rendering.remembered import Remembered
from delivery.rendering.units import Document, RenderError
from delivery.rendering_children import check_custom
from delivery.unit_cache import Units

MAX_SOUND: Final = 50_000

_sound: Final = Remembered[tuple[str, ...], str](MAX_SOUND)
"""Version, definitions and resource, by their ids, of what was found valid.

What was not is told again with its place.
"""


@dataclass(frozen=True)
class Checked:
    """The resources that a definition's schema takes, and what is refused of others."""

    valid: frozenset[Document] = frozenset()
    errors: tuple[RenderError, ...] = ()


@dataclass(frozen=True)
class _Row:
    """A resource of a unit; ``kept`` is the id of its text if that is in the cache."""

    unit: str
    document: Document
    kept: str = ""

    @cached_property
    def blob(self) -> str:
        text = self.document.text.encode()
        return self.kept or str(Blob.from_string(text).id.decode())

    def read(self, repository: Repository) -> Document:
        """Return the resource with its text, which one from the cache lacks."""
        if self.document.text:
            return self.document
        text = repository.read_blob(self.kept).decode()
        return replace(self.document, text=text)


def check(
    repository: Repository,
    units: Units,
    fresh: Sequence[Outline],
    version: str,
    *,
    beat: Callable[[], None],
) -> Checked:
    """Validate the custom resources whose definitions are among *units* and *fresh*.

    *version* is that of the target's Kubernetes. What this process found valid before
    is not looked at again.

    :raises delivery.rendering.warmchild.RenderingBroke: when a child does not work
    """
    every = [*units.outlines(), *fresh]
    if not any(unit.has_definitions for unit in every):
        return Checked()
    rows = [*_rows(units, fresh)]
    definitions = _definitions(rows)
    known = kinds(schemas_for(version))
    asked = {
        row: (version, row.blob, *(each.blob for each in definitions[group]))
        for row in rows
        if (group := row.document.group) in definitions
        if row.document.versioned_kind not in known
    }
    left = [row for row, key in asked.items() if not _sound.get(key)]
    if not left:
        return Checked(_documents(asked))
    groups = dict.fromkeys(row.document.group for row in left)
    result = check_custom(
        _job(repository, version, left, [r for g in groups for r in definitions[g]]),
        beat=beat,
    )
    valid = [left[index] for index in result.valid]
    for row in valid:
        _sound.put(asked[row], "valid")
    return Checked(_documents((asked.keys() - set(left)) | set(valid)), result.errors)


def _documents(rows: Iterable[_Row]) -> frozenset[Document]:
    return frozenset(row.document for row in rows)


def _rows(units: Units, fresh: Sequence[Outline]) -> Iterator[_Row]:
    for unit, kept in units.cached.items():
        for document, blob in zip(kept.outline.documents, kept.blobs, strict=True):
            yield _Row(unit, document, blob)
    for outline in fresh:
        for document in outline.documents:
            yield _Row(outline.unit, document)


def _definitions(rows: Sequence[_Row]) -> Mapping[str, list[_Row]]:
    """Return the definitions by their group, in which the name of each ends."""
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        if row.document.is_definition:
            found[row.document.name.partition(".")[2]].append(row)
    return found


def _job(
    repository: Repository,
    version: str,
    resources: Sequence[_Row],
    definitions: Sequence[_Row],
) -> CustomJob:
    first = definitions[0]
    return CustomJob(
        first.unit,
        first.document.source,
        version,
        tuple(row.read(repository).text for row in definitions),
        tuple((row.unit, row.read(repository)) for row in resources),
    )
