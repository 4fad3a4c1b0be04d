"""Questions about releases that pages and the API ask."""

from releases.selectors.allowed import AllowedAction, allowed_actions
from releases.selectors.content import Diffs, diffs_of
from releases.selectors.finding import (
    releases_visible_to,
    visible_release,
    visible_target,
)
from releases.selectors.history import timeline_of

__all__ = [
    "AllowedAction",
    "Diffs",
    "allowed_actions",
    "diffs_of",
    "releases_visible_to",
    "timeline_of",
    "visible_release",
    "visible_target",
]
