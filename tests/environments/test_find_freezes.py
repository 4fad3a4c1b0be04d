"""The pure core of freezes: windows, instants, clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from environments.freezing import HORIZON, Toggle, Window, spans_between, verdict
from environments.recurrence import Recurrence, RecurrenceRefused

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def daily(start, end, *, zone="Europe/Berlin", rule="FREQ=DAILY"):
    return Window(start, end, "Night", rrule=rule, time_zone=zone)


def spans(window, low, high):
    return [(s.start, s.end) for s in spans_between([window], low, high)]


def test_an_end_that_was_stated_is_told_however_far_it_is():
    far = NOON + 3 * HORIZON
    for_ever = daily(NOON - timedelta(days=1), NOON, zone="UTC")

    by_hand = verdict(Toggle("Audit", until=far), [], NOON)
    once = verdict(None, [Window(NOON, far, "Audit")], NOON)
    without_end = verdict(None, [for_ever], NOON)

    assert (by_hand.until, by_hand.next_change) == (far, None)
    assert (once.until, once.next_change) == (far, None)
    assert (without_end.is_frozen, without_end.until) == (True, None)


def test_a_window_is_half_open():
    window = Window(NOON, NOON + timedelta(hours=1), "Noon")

    assert verdict(None, [window], NOON).is_frozen
    assert verdict(None, [window], NOON + timedelta(minutes=59, seconds=59)).is_frozen
    assert not verdict(None, [window], NOON + timedelta(hours=1)).is_frozen
    assert not verdict(None, [window], NOON - timedelta(microseconds=1)).is_frozen


def test_a_start_in_the_gap_moves_forward_by_it():
    # On 29 March 2026 Berlin goes from 02:00 to 03:00.
    window = daily(at(2026, 3, 28, 2, 30), at(2026, 3, 28, 4, 0))

    days = spans(window, at(2026, 3, 29, 0), at(2026, 3, 29, 12))

    assert days == [(at(2026, 3, 29, 3, 30), at(2026, 3, 29, 4, 0))]


def test_in_the_overlap_the_first_instant_starts_and_the_second_ends():
    # On 25 October 2026 Berlin has 02:00 to 03:00 twice.
    window = daily(at(2026, 10, 24, 2, 15), at(2026, 10, 24, 2, 45))

    ((start, end),) = spans(window, at(2026, 10, 25, 0), at(2026, 10, 25, 12))

    assert start == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert end == datetime(2026, 10, 25, 1, 45, tzinfo=UTC)


def test_repeats_keep_the_wall_clock_over_the_change_of_clocks():
    window = daily(at(2026, 3, 27, 22), at(2026, 3, 28, 6))

    found = spans(window, at(2026, 3, 28, 12), at(2026, 3, 30, 12))

    assert [s.astimezone(BERLIN).hour for s, _ in found] == [22, 22]
    assert [e.astimezone(BERLIN).hour for _, e in found] == [6, 6]
    assert found[0][1] - found[0][0] == timedelta(hours=7)


def test_a_window_over_midnight_and_new_year_is_seen_from_the_next_day():
    window = daily(at(2025, 12, 30, 23), at(2025, 12, 31, 1))

    assert verdict(None, [window], at(2026, 1, 1, 0, 30)).is_frozen
    assert not verdict(None, [window], at(2026, 1, 1, 1, 0)).is_frozen


def test_leap_days_come_every_four_years():
    window = daily(
        at(2024, 2, 29, 0),
        at(2024, 3, 1, 0),
        rule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    )

    assert verdict(None, [window], at(2028, 2, 29, 12)).is_frozen
    assert not verdict(None, [window], at(2027, 2, 28, 12)).is_frozen
    assert verdict(None, [window], at(2027, 2, 28, 12)).next_change == at(2028, 2, 29)


def test_touching_windows_are_one_freeze():
    hour = timedelta(hours=1)
    windows = [
        Window(NOON, NOON + hour, "One"),
        Window(NOON + hour, NOON + 2 * hour, "Two"),
        Window(NOON + 3 * hour, NOON + 4 * hour, "Later"),
    ]

    found = verdict(None, windows, NOON)

    assert (found.reason, found.until) == ("One", NOON + 2 * hour)
    assert verdict(None, windows, NOON + 2 * hour).next_change == NOON + 3 * hour


def test_the_toggle_names_the_freeze_and_may_have_no_end():
    window = Window(NOON, NOON + timedelta(hours=1), "Lunch")

    found = verdict(Toggle("By hand"), [window], NOON)

    assert (found.is_frozen, found.reason, found.until) == (True, "By hand", None)
    assert found.next_change is None


def test_a_toggle_that_ran_out_freezes_nothing():
    assert not verdict(Toggle("Old", until=NOON), [], NOON).is_frozen


def test_changes_beyond_the_horizon_are_not_looked_for():
    far = Window(NOON + HORIZON + timedelta(days=1), NOON + 2 * HORIZON, "Far")

    assert verdict(None, [far], NOON).next_change is None


def test_a_rule_that_never_happens_is_answered_soon():
    window = daily(
        at(2026, 1, 1, 0), at(2026, 1, 1, 1), rule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    )

    found = verdict(None, [window], NOON)

    assert (found.is_frozen, found.next_change) == (False, None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "DAILY", "FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=1", "FREQ=DAILY;FREQ=DAILY"),
        *("FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;INTERVAL=1001", "FREQ=DAILY;COUNT=0"),
        *("FREQ=DAILY;UNTIL=20261332", "FREQ=DAILY;BYEASTER=1", "FREQ=DAILY\nCOUNT=1"),
    ],
)
def test_what_is_no_daily_rule_is_refused(text):
    with pytest.raises(RecurrenceRefused):
        Recurrence.parse(text, starts_at=NOON, zone=BERLIN)


def test_until_is_the_last_start():
    rule = "FREQ=DAILY;UNTIL=20260506T200000Z"
    window = daily(at(2026, 5, 4, 22), at(2026, 5, 4, 23), rule=rule)

    found = spans(window, at(2026, 5, 1, 0), at(2026, 6, 1, 0))

    assert [start.astimezone(BERLIN).day for start, _ in found] == [4, 5, 6]


CLOCKS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  a wall clock
    datetime(2029, 12, 31),  # noqa: DTZ001
)
RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=FR,SA",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
        "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
        "FREQ=YEARLY;BYYEARDAY=-1",
        "FREQ=DAILY;COUNT=20",
    ]
)


@given(CLOCKS, RULES, st.integers(0, 700), st.integers(0, 60))
def test_moving_a_rule_through_the_calendar_changes_nothing(start, rule, later, days):
    start = start.replace(microsecond=0)
    low = start + timedelta(days=later)
    high = low + timedelta(days=days)

    found = Recurrence(rule, start).between(low, high)

    assert found == rrulestr(rule, dtstart=start).between(low, high, inc=True)


WINDOWS = st.lists(
    st.builds(
        lambda start, minutes, rule, zone: Window(
            start.replace(tzinfo=UTC),
            start.replace(tzinfo=UTC) + timedelta(minutes=minutes),
            "Some",
            rrule=rule,
            time_zone=zone,
        ),
        CLOCKS,
        st.integers(1, 5000),
        st.just("") | RULES,
        st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    ),
    max_size=3,
)
INSTANTS = st.integers(0, 365 * 24 * 60).map(lambda m: NOON + timedelta(minutes=m))


@settings(deadline=None)
@given(WINDOWS, INSTANTS, st.floats(0, 1))
def test_nothing_changes_before_the_next_change_and_then_it_does(
    windows, instant, share
):
    found = verdict(None, windows, instant)
    change = found.next_change
    assume(change is not None)
    assert change is not None

    between = instant + (change - instant) * share
    if between < change:
        assert verdict(None, windows, between).is_frozen == found.is_frozen
    after = verdict(None, windows, change)
    assert after.is_frozen != found.is_frozen
