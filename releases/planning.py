"""What speaks against the planned window of a release. In manual mode it is no gate."""

from collections.abc import Callable
from datetime import datetime

from environments.selectors import freezes_of
from environments.selectors.freezes import spans_of
from gitopshq.core.instants import rfc3339
from releases.models import CANCELLABLE, Release, Status

Say = Callable[[datetime], str]
"""How a moment is written: as on the wire, or as a person reads it."""


def planning_warnings(
    release: Release, at: datetime, *, say: Say = rfc3339
) -> list[str]:
    """Say that *at* is outside the window, or that a freeze meets it; [] if neither.

    Only while the release can still be deployed.
    """
    start, end = release.planned_start, release.planned_end
    is_ahead = release.status in (*CANCELLABLE, Status.FAILED)
    if not is_ahead or (start is None and end is None):
        return []
    found = []
    if start is not None and at < start:
        found.append(f"planned from {say(start)} on: that is still to come")
    if end is not None and end <= at:
        found.append(f"planned until {say(end)}: that is over")
        return found
    if meets := _freeze_in(release, max(at, start or at), end, say):
        found.append(f"a freeze meets the planned window: {meets}")
    return found


def _freeze_in(release: Release, low: datetime, high: datetime | None, say: Say) -> str:
    """Return the first freeze between *low* and *high*, in words; "" if none."""
    target = release.target
    freeze = freezes_of([target], at=low)[target.pk]
    if freeze.is_frozen:
        until = f" until {say(freeze.until)}" if freeze.until else ""
        return f"{freeze.reason}{until}"
    if high is None:
        return ""
    for span in spans_of(target, low, high):
        if span.start < high:
            return f"{span.reason} from {say(span.start)}"
    return ""
