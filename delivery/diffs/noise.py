"""Changes that come with every chart version or values file, told apart from the rest.

Labels that tools manage, and checksums in annotations. They are folded by class and
counted, never left out. What selects by such a label is no noise: it breaks things.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from delivery.diffs.files import FileDiff, FileStatus
from delivery.diffs.hunks import Hunk, Line, LineKind, split_lines
from delivery.diffs.yaml_keys import Step, steps_to


class Noise(StrEnum):
    """What all changed lines of a hunk are."""

    LABELS = "labels"
    CHECKSUMS = "checksums"
    BOTH = "labels and checksums"


_LINE: Final = re.compile(
    r"\s*(?P<quote>[\"']?)(?:"
    r"(?P<label>helm\.sh/chart|app\.kubernetes\.io/(?:version|managed-by))"
    r"|checksum/[\w.\-]+"
    r")(?P=quote):\s+\S"
)
_WAYS: Final = frozenset({"metadata", "spec", "template", "jobTemplate"})
"""Keys on the way to the metadata of a resource or of its pods.

The templates of a stateful set's volumes are none: their labels cannot change.
"""


def noise_in(file: FileDiff) -> list[Noise | None]:
    """Return, for each hunk of *file*, the class of noise it is; None for the rest."""
    if file.status != FileStatus.MODIFIED:
        return [None] * len(file.hunks)
    suspects = [_changed(hunk) for hunk in file.hunks]
    suspects = [
        lines if lines and all(_LINE.match(line.text) for line in lines) else []
        for lines in suspects
    ]
    old = _steps(file.before, [one.old_number for lines in suspects for one in lines])
    new = _steps(file.after, [one.new_number for lines in suspects for one in lines])
    return [_class_of(lines, old, new) if lines else None for lines in suspects]


def _changed(hunk: Hunk) -> list[Line]:
    return [line for line in hunk.lines if line.kind != LineKind.SAME]


def _steps(text: str, numbers: Sequence[int | None]) -> dict[int, list[Step]]:
    """Return what encloses lines, by their numbers."""
    wanted = {number - 1 for number in numbers if number is not None}
    if not wanted:
        return {}
    found = steps_to(split_lines(text), wanted)
    return {at + 1: steps for at, steps in found.items()}


def _class_of(
    lines: Sequence[Line], old: dict[int, list[Step]], new: dict[int, list[Step]]
) -> Noise | None:
    classes = set()
    for line in lines:
        is_old = line.kind == LineKind.REMOVED
        number = line.old_number if is_old else line.new_number
        steps = (old if is_old else new).get(number or 0, [])
        found = _LINE.match(line.text)
        is_label = bool(found and found["label"])
        if not _is_metadata(steps, "labels" if is_label else "annotations"):
            return None
        classes.add(Noise.LABELS if is_label else Noise.CHECKSUMS)
    return classes.pop() if len(classes) == 1 else Noise.BOTH


def _is_metadata(steps: Sequence[Step], held_in: str) -> bool:
    names = [step.name for step in steps]
    return (
        names[-2:] == ["metadata", held_in]
        and set(names[:-1]) <= _WAYS
        and all(step.is_bare for step in steps)
    )
