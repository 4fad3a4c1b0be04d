"""Questions about releases that pages and the API ask."""

from releases.selectors.allowed import AllowedAction, allowed_actions
from releases.selectors.content import diffs_of, preview_diffs, snapshot_diffs
from releases.selectors.finding import (
    releases_visible_to,
    visible_release,
    visible_target,
)
from releases.selectors.history import timeline_of

__all__ = [
    "AllowedAction",
    "allowed_actions",
    "diffs_of",
    "preview_diffs",
    "releases_visible_to",
    "snapshot_diffs",
    "timeline_of",
    "visible_release",
    "visible_target",
]
