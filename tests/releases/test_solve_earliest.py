"""The first instant at which a release may ship, against a scan by minutes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from approvals import rules
from environments.freezing import Toggle, Window, spans_between
from releases.earliest import Calendar, Quorum, Start, earliest
from tests.git.make import SCALE

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SCANNED = timedelta(days=4)
MONDAY = datetime(2026, 6, 8, 8, tzinfo=UTC)
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "America/St_Johns"),
    *("Asia/Kathmandu", "Australia/Lord_Howe"),
]
# Around the changes of clocks in Europe, America and on Lord Howe Island.
MOMENTS = [
    *(datetime(2026, 3, 7), datetime(2026, 3, 28), datetime(2026, 4, 4)),  # noqa: DTZ001
    *(datetime(2026, 10, 3), datetime(2026, 10, 24), datetime(2026, 10, 31)),  # noqa: DTZ001
    *(datetime(2027, 12, 31), datetime(2028, 2, 28)),  # noqa: DTZ001
]
RULES = [
    *("", "", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=DAILY;COUNT=3"),
    *("FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    *("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
]


def minutes(least, most):
    return st.integers(least, most).map(lambda n: n * MINUTE)


@st.composite
def windows_near(draw, now):
    zone = draw(st.sampled_from(ZONES))
    start = (now + draw(minutes(-3 * 1440, 3 * 1440))).astimezone(ZoneInfo(zone))
    length = draw(minutes(1, 30 * 60))
    ended = draw(st.none() | minutes(-600, 3 * 1440))
    return Window(
        starts_at=start,
        ends_at=start + length,
        reason="freeze",
        rrule=draw(st.sampled_from(RULES)),
        time_zone=zone,
        ended_at=None if ended is None else now + ended,
    )


@st.composite
def worlds(draw):
    """What is known now of a release: freezes, votes, a start that was planned."""
    now = draw(st.sampled_from(MOMENTS)).replace(tzinfo=UTC) + draw(minutes(0, 2880))
    until = draw(st.none() | minutes(1, 3000))
    toggle = None
    if draw(st.integers(0, 3)) == 0:
        toggle = Toggle("by hand", None if until is None else now + until)
    aside = draw(st.none() | minutes(-60, 60))
    start = draw(st.none() | minutes(-600, 4000))
    expiry = draw(st.none() | st.integers(1, 72))
    votes = [
        rules.Vote(voter, draw(st.sampled_from(["d", "d", "d", "e"])), now - age)
        for voter, age in enumerate(draw(st.lists(minutes(0, 4000), max_size=4)))
    ]
    barred = frozenset(draw(st.sets(st.integers(0, 3), max_size=1)))
    return (
        now,
        toggle,
        draw(st.lists(windows_near(now), max_size=3)),
        None if aside is None else now + aside,
        None if start is None else now + start,
        votes,
        rules.Terms(draw(st.integers(0, 3)), expiry, barred),
    )


def scanned(now, toggle, windows, aside, start, votes, terms):
    """Return the first open minute and the first closed one after it, looked for."""
    spans = list(spans_between(windows, now, now + SCANNED))
    first = last = None
    for step in range(int(SCANNED / MINUTE)):
        at = now + step * MINUTE
        frozen = any(span.start <= at < span.end for span in spans) or (
            toggle is not None and (toggle.until is None or at < toggle.until)
        )
        counted = rules.counting(votes, terms, digest="d", eligible=range(4), now=at)
        is_open = (
            (not frozen or (aside is not None and at < aside))
            and len(counted) >= terms.required
            and (start is None or at >= start)
        )
        if is_open and first is None:
            first = at
        if not is_open and first is not None:
            last = at
            break
    return first, last


@settings(max_examples=60 * SCALE, deadline=None)
@given(worlds())
@example(
    (
        datetime(2026, 10, 24, 23, tzinfo=UTC),
        None,
        [
            Window(
                datetime(2026, 10, 20, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")),
                datetime(2026, 10, 20, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
                "night",
                rrule="FREQ=DAILY",
                time_zone="Europe/Berlin",
            )
        ],
        None,
        None,
        [rules.Vote(0, "d", datetime(2026, 10, 24, 4, tzinfo=UTC))],
        rules.Terms(1, 24),
    )
)
def test_walking_the_changes_finds_what_a_scan_by_minutes_finds(world):
    """S116, S122: gates, freezes, lapses and change of clocks in one answer."""
    now, toggle, windows, aside, start, votes, terms = world
    counted = rules.counting(votes, terms, digest="d", eligible=range(4), now=now)
    gates = {
        "freeze": Calendar(toggle, windows, aside),
        "approvals": Quorum(terms.required, [terms.lapses_at(v) for v in counted]),
    }
    if start is not None:
        gates["planned_start"] = Start(start)

    found = earliest(gates, now)

    first, last = scanned(*world)
    seen = now + SCANNED
    assert (found.at if found.at and found.at < seen else None) == first
    if first is not None:
        assert (found.until if found.until and found.until < seen else None) == last


def test_it_can_ship_from_the_end_of_the_freeze_until_a_vote_lapses():
    freeze = Window(MONDAY - 60 * HOUR, MONDAY, "Weekend")
    lapse = MONDAY + 28 * HOUR
    gates = {"freeze": Calendar(windows=[freeze]), "approvals": Quorum(1, [lapse])}

    found = earliest(gates, MONDAY - HOUR)

    assert (found.at, found.until, found.ended_by) == (MONDAY, lapse, "approvals")


def test_votes_that_lapse_before_the_thaw_block_for_good():
    freeze = Window(MONDAY - 60 * HOUR, MONDAY, "Weekend")
    gates = {
        "freeze": Calendar(windows=[freeze]),
        "approvals": Quorum(1, [MONDAY]),
    }

    found = earliest(gates, MONDAY - HOUR)

    assert (found.at, found.blocked_by) == (None, ("approvals",))


def test_a_spare_vote_may_lapse_and_the_next_one_may_not():
    lapses = [MONDAY + hours * HOUR for hours in (5, 3, 9)]

    found = earliest({"approvals": Quorum(2, [*lapses])}, MONDAY)

    assert (found.at, found.until) == (MONDAY, MONDAY + 5 * HOUR)


def test_a_freeze_without_end_is_nothing_to_wait_for():
    found = earliest({"freeze": Calendar(Toggle("Incident"))}, MONDAY)

    assert (found.at, found.blocked_by) == (None, ("freeze",))


def test_break_glass_opens_a_freeze_until_it_expires():
    calendar = Calendar(Toggle("Incident"), set_aside_until=MONDAY + HOUR)

    found = earliest({"freeze": calendar}, MONDAY)

    assert (found.at, found.until) == (MONDAY, MONDAY + HOUR)
