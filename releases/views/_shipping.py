"""When a release can ship, in words on the reader's clock."""

from gitopshq.core.instants import on_the_clock
from releases.selectors.shipping import Shipping
from releases.selectors.waiting import Wait, in_short
from releases.views._words import sentence

_ENDS = {"approvals": "votes lapse", "freeze": "the next freeze begins"}


def lines(found: Shipping | None) -> list[str]:
    """Return when it can ship and what it waits for; nothing once it is over."""
    if found is None or found.is_over:
        return []
    said = [_opening(found), *(_wait(one) for one in found.waits)]
    start, end = found.planned
    if not found.deploys_itself and (start or end):
        since = f" from {on_the_clock(start)}" if start else ""
        until = f" until {on_the_clock(end)}" if end else ""
        said.append(f"Planned{since}{until}; that is no gate.")
    return said


def _opening(found: Shipping) -> str:
    opening = found.opening
    how = "Ships by itself" if found.deploys_itself else "Can ship"
    if opening.at is None:
        then = found.with_people
        if then is None:
            return "Cannot ship."
        if then <= found.asked_at:
            return "Can ship as soon as this is done:"
        return f"{how} from {on_the_clock(then)}, once this is done:"
    when = "now" if found.is_now else f"from {on_the_clock(opening.at)}"
    if opening.until is None:
        return f"{how} {when}."
    ends = _ENDS.get(opening.ended_by, "that ends")
    return f"{how} {when}; {ends} {on_the_clock(opening.until)}."


def _wait(one: Wait) -> str:
    said = sentence(one.said)
    return f"{said}: {in_short(one.who)}." if one.who else f"{said}."
