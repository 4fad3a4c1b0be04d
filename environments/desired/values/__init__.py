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

__all__ = [
    "TEXT_CHANGE",
    "CannotSet",
    "Inseparable",
    "Path",
    "ValueChange",
    "apply_values",
    "diff_values",
    "parse_pointer",
    "pointer",
]
