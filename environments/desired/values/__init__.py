"""Lossless differences of values texts by path, and partial changes on their text.

The rules of saving are in ``environments.desired.texts``; merging layers is Helm's.
"""

from environments.desired.values.changes import (
    TEXT_CHANGE,
    CannotSet,
    Inseparable,
    Path,
    ValueChange,
    parse_pointer,
    pointer,
)
from environments.desired.values.comparing import apply_values, diff_values
from environments.desired.values.putting import remove_value, set_list
from environments.desired.values.setting import set_plain, set_scalar
from environments.desired.values.showing import Image, display_value, image_paths
from environments.desired.values.three_way import (
    Difference,
    differences,
    take_yours,
)

__all__ = [
    "TEXT_CHANGE",
    "CannotSet",
    "Difference",
    "Image",
    "Inseparable",
    "Path",
    "ValueChange",
    "apply_values",
    "diff_values",
    "differences",
    "display_value",
    "image_paths",
    "parse_pointer",
    "pointer",
    "remove_value",
    "set_list",
    "set_plain",
    "set_scalar",
    "take_yours",
]
