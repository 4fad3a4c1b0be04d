"""Questions about projects, desired state, its history and its freezes."""

from environments.selectors.freezes import freeze_of, freezes_of, spans_of
from environments.selectors.history import LastEdit, editors_between, last_edit_of

__all__ = [
    "LastEdit",
    "editors_between",
    "freeze_of",
    "freezes_of",
    "last_edit_of",
    "spans_of",
]
