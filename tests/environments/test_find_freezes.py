"""The pure core of freezes: windows, instants, clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

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


def test_what_overlaps_or_touches_across_windows_thaws_once():
    hour = timedelta(hours=1)
    night = daily(at(2026, 5, 4, 0), at(2026, 5, 4, 8))
    day = daily(at(2026, 5, 4, 8), at(2026, 5, 4, 20))
    party = Window(at(2026, 5, 6, 19), at(2026, 5, 6, 22), "Party")

    found = verdict(None, [party, day, night], at(2026, 5, 6, 3))

    assert (found.until, found.next_change) == (at(2026, 5, 6, 22),) * 2
    assert verdict(None, [day, night], at(2026, 5, 6, 3)).until == at(2026, 5, 6, 20)
    assert verdict(
        Toggle("By hand", until=at(2026, 5, 6, 8) - hour),
        [night, day],
        at(2026, 5, 5, 23),
    ).until == at(2026, 5, 6, 20)


def test_a_freeze_without_a_gap_has_no_end_in_sight():
    whole = daily(at(2026, 5, 4), at(2026, 5, 5))
    far = Window(NOON, NOON + 3 * HORIZON, "Far")

    assert verdict(None, [whole], NOON).until is None
    assert verdict(None, [whole, far], NOON).until is None
    assert verdict(None, [far], NOON).until == NOON + 3 * HORIZON


@pytest.mark.parametrize("days", [399, 400])
def test_the_next_change_is_looked_for_within_400_days(days):
    start = NOON + timedelta(days=days)
    window = Window(start, start + timedelta(hours=1), "Far")

    assert verdict(None, [window], NOON).next_change == start


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
        *("EXDATE:20260504T120000Z", "DTSTART:20260504T120000Z", "FREQ=DAILY;;"),
    ],
)
def test_what_is_no_daily_rule_is_refused(text):
    with pytest.raises(RecurrenceRefused):
        Recurrence.parse(text, starts_at=NOON, zone=BERLIN)


def test_only_one_rule_is_read():
    text = "RRULE:FREQ=DAILY\nEXDATE:20260505T120000Z"

    with pytest.raises(RecurrenceRefused, match="without DTSTART, RDATE or EXDATE"):
        Recurrence.parse(text, starts_at=NOON, zone=BERLIN)


@pytest.mark.parametrize("text", ["RRULE:FREQ=DAILY", "freq=daily", "FREQ=DAILY;"])
def test_a_rule_may_be_written_as_calendars_do(text):
    plain = Recurrence.parse("FREQ=DAILY", starts_at=NOON, zone=BERLIN)

    assert Recurrence.parse(text, starts_at=NOON, zone=BERLIN) == plain


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260506", 6),
        ("20260505", 5),
        ("20260506T220000", 6),
        ("20260506T215959", 5),
        ("20260506T200000Z", 6),
        ("20260506T195959Z", 5),
    ],
)
def test_until_takes_a_day_a_clock_or_an_instant(until, last):
    window = daily(
        at(2026, 5, 4, 22), at(2026, 5, 4, 23), rule=f"FREQ=DAILY;UNTIL={until}"
    )

    found = spans(window, at(2026, 5, 1), at(2026, 6, 1))

    assert [start.astimezone(BERLIN).day for start, _ in found] == [*range(4, last + 1)]


def test_until_is_an_instant_where_the_clock_stands_twice():
    # 02:30 comes first at 00:30 UTC; at 01:00 UTC the clock reads 02:00 again.
    window = daily(
        at(2026, 10, 24, 2, 30),
        at(2026, 10, 24, 5),
        rule="FREQ=DAILY;UNTIL=20261025T010000Z",
    )

    found = spans(window, at(2026, 10, 25), at(2026, 10, 27))

    assert [start for start, _ in found] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


def test_a_count_counts_starts():
    window = daily(at(2026, 5, 4, 22), at(2026, 5, 4, 23), rule="FREQ=DAILY;COUNT=3")

    found = spans(window, at(2026, 5, 1), at(2027, 6, 1))

    assert [start.astimezone(BERLIN).day for start, _ in found] == [4, 5, 6]
    assert verdict(None, [window], at(2026, 5, 7)).next_change is None


def test_until_is_the_last_start():
    rule = "FREQ=DAILY;UNTIL=20260506T200000Z"
    window = daily(at(2026, 5, 4, 22), at(2026, 5, 4, 23), rule=rule)

    found = spans(window, at(2026, 5, 1, 0), at(2026, 6, 1, 0))

    assert [start.astimezone(BERLIN).day for start, _ in found] == [4, 5, 6]
