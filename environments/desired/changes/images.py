"""Image changes: which differences of values are one image, and how it reads.

What an image is, is told by `values.image_paths`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from environments.desired.change import IMAGE, VALUES
from environments.desired.values import (
    Image,
    Path,
    ValueChange,
    diff_values,
    display_value,
    image_paths,
)
from environments.desired.values.showing import IMAGE_PARTS

UPDATED = "updated"
IMAGE_TAG_CHANGED = "image_tag_changed"

_VERSION_PARTS = {"tag", "digest"}


@dataclass(frozen=True)
class ValuesGroup:
    """Differences of one values text that are ticked together."""

    facet: str
    path: Path
    changes: tuple[ValueChange, ...]

    @property
    def action(self) -> str:
        """What happens at the path itself; parts of an image update it."""
        own = [change for change in self.changes if change.path == self.path]
        return own[0].action if own else UPDATED


def grouped(before: str, after: str) -> list[ValuesGroup]:
    """Return the differences of two values texts, those of one image together."""
    changes = diff_values(before, after)
    images = [*image_paths(before).values(), *image_paths(after).values()]
    found: dict[tuple[str, Path], list[ValueChange]] = {}
    for change in changes:
        image = next((i for i in images if i.covers(change.path)), None)
        place = (VALUES, change.path) if image is None else (IMAGE, image.path)
        found.setdefault(place, []).append(change)
    return [
        ValuesGroup(facet, path, tuple(changes))
        for (facet, path), changes in found.items()
    ]


@dataclass(frozen=True)
class ImageChange:
    """An image before and after, in as few words as tell them apart."""

    action: str
    before: str | None
    after: str | None


def image_change(group: ValuesGroup, before: str, after: str) -> ImageChange:
    """Return how an image differs between two values texts."""
    old, new = (_parts(image_paths(text).get(group.path)) for text in (before, after))
    moved = {part for part in IMAGE_PARTS if old.get(part) != new.get(part)}
    on_both_sides = bool(old) and bool(new)
    action = group.action
    if on_both_sides and moved & _VERSION_PARTS:
        action = IMAGE_TAG_CHANGED
    if on_both_sides and len(moved) == 1 and moved <= _VERSION_PARTS:
        (part,) = moved
        return ImageChange(action, old.get(part), new.get(part))
    if moved:
        return ImageChange(action, _reference(old), _reference(new))
    # Other quotes, or what stands beside the parts of a flow map: as it is written.
    was, now = (display_value(text, group.path) for text in (before, after))
    return ImageChange(action, was, now)


def _parts(image: Image | None) -> dict[str, str]:
    if image is None:
        return {}
    return {part: value for part, value in image.parts.items() if value}


def _reference(parts: Mapping[str, str]) -> str | None:
    if not parts:
        return None
    # A chart may know the repository itself: then the tag stands alone.
    return Image((), is_map=True, parts=parts).reference.lstrip(":@")
