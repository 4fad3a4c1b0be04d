"""What speaks against the planned window of a release. In manual mode it is no gate."""

from datetime import datetime

from environments.freeze_words import Say
from environments.selectors import FreezeCalendar, calendar_of
from gitopshq.core.instants import rfc3339
from releases.models import CANCELLABLE, Release, Status


def planning_warnings(
    release: Release,
    at: datetime,
    *,
    say: Say = rfc3339,
    calendar: FreezeCalendar | None = None,
) -> list[str]:
    """Say that *at* is outside the window, or that a freeze meets it; [] if neither.

    Only while the release can still be deployed. *calendar*, of its target from *at*
    on, spares the query where the caller has it.
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
    calendar = calendar or calendar_of(release.target, at=at)
    if meets := _freeze_in(calendar, max(at, start or at), end, say):
        found.append(f"a freeze meets the planned window: {meets}")
    return found


def _freeze_in(
    calendar: FreezeCalendar, low: datetime, high: datetime | None, say: Say
) -> str:
    """Return the first freeze between *low* and *high*, in words; "" if none."""
    freeze = calendar.verdict(low)
    if freeze.is_frozen:
        until = f" until {say(freeze.until)}" if freeze.until else ""
        return f"{freeze.reason}{until}"
    if high is None:
        return ""
    for span in calendar.spans(low, high):
        if span.start < high:
            return f"{span.reason} from {say(span.start)}"
    return ""
