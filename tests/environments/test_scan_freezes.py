"""Freezes against what others say: dateutil for the days, a scan of every minute."""

import os
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from environments.freezing import Toggle, Window, verdict
from environments.recurrence import Recurrence

SCALE = int(os.environ.get("HQ_TEST_SCALE", "1"))
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"),
    *("Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"),
]

CLOCKS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  a wall clock
    datetime(2029, 12, 31),  # noqa: DTZ001
).map(lambda clock: clock.replace(microsecond=0))
RULES = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=DAILY;COUNT=20",
    "FREQ=DAILY;BYMONTH=1,2;BYDAY=SA,SU",
    "FREQ=DAILY;BYMONTHDAY=-1,15",
    "FREQ=DAILY;BYSETPOS=-1",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=FR,SA",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO",
    "FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,MO;COUNT=7",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;INTERVAL=5",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYDAY=2TU,-2TH",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3;INTERVAL=2",
    "FREQ=YEARLY",
    "FREQ=YEARLY;INTERVAL=2",
    "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYMONTH=3,11;BYDAY=1SU,-1SU",
    "FREQ=YEARLY;BYDAY=20MO,-1SA",
    "FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO",
    "FREQ=YEARLY;BYWEEKNO=53,-1,20",
    "FREQ=YEARLY;BYWEEKNO=1,51;WKST=SU;BYDAY=SA,SU",
    "FREQ=YEARLY;BYYEARDAY=-1,1,100,366",
    "FREQ=YEARLY;BYMONTH=6;BYDAY=WE;BYSETPOS=2,-1;COUNT=5",
]


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=8 * SCALE, deadline=None)
@given(CLOCKS, st.integers(0, 1500), st.integers(0, 800))
def test_the_days_of_a_rule_are_those_that_dateutil_finds(rule, start, later, days):
    recurrence = Recurrence.parse(
        rule, starts_at=start.replace(tzinfo=UTC), zone=ZoneInfo("UTC")
    )
    low = start + timedelta(days=later)
    high = low + timedelta(days=days)

    found = list(recurrence.onward(low, high))

    assert found == rrulestr(rule, dtstart=start).between(low, high, inc=True)
    assert list(recurrence.backward(low, high)) == found[::-1]


def test_the_last_week_may_end_in_the_next_year():
    """From a Sunday on, 2026 has 52 weeks; dateutil takes it for one more."""
    start = datetime(2026, 1, 6)  # noqa: DTZ001
    recurrence = Recurrence.parse(
        "FREQ=YEARLY;BYWEEKNO=1,52;WKST=SU;BYDAY=SA,SU",
        starts_at=start.replace(tzinfo=UTC),
        zone=ZoneInfo("UTC"),
    )

    found = recurrence.onward(start, datetime(2027, 1, 9))  # noqa: DTZ001

    assert [(day.month, day.day) for day in found] == [
        *((1, 10), (12, 27), (1, 2), (1, 3), (1, 9))
    ]


def test_every_day_and_some_by_number_are_both_meant():
    """RFC 5545 unites what BYDAY lists; dateutil does not."""
    start = datetime(2026, 5, 1)  # noqa: DTZ001
    recurrence = Recurrence.parse(
        "FREQ=MONTHLY;BYDAY=MO,2TU",
        starts_at=start.replace(tzinfo=UTC),
        zone=ZoneInfo("UTC"),
    )

    found = recurrence.onward(start, datetime(2026, 5, 31))  # noqa: DTZ001

    assert [day.day for day in found] == [4, 11, 12, 18, 25]


# A scan of every minute. Months in which clocks change there, and one without.
PERIODS = {
    "Europe/Berlin": [(2026, 3, 21), (2026, 10, 17)],
    "America/New_York": [(2026, 3, 1), (2026, 10, 25)],
    "Australia/Lord_Howe": [(2026, 3, 28), (2026, 9, 26)],
    "America/St_Johns": [(2026, 3, 1)],
    "Pacific/Apia": [(2011, 12, 24)],
    "Asia/Kolkata": [(2028, 2, 22)],
    "UTC": [(2026, 12, 24)],
}
SCANNED_DAYS = 16


class Scan:
    """Two weeks and a bit in one zone, minute by minute."""

    def __init__(self, zone: str, first: tuple[int, int, int]) -> None:
        self.zone = ZoneInfo(zone)
        self.first = datetime(*first, tzinfo=UTC)
        self.last = self.first + timedelta(days=SCANNED_DAYS)
        self.instants: dict[datetime, list[datetime]] = defaultdict(list)
        at = self.first - timedelta(days=20)
        while at < self.last + timedelta(days=3):
            self.instants[at.astimezone(self.zone).replace(tzinfo=None)].append(at)
            at += MINUTE

    def start_of(self, clock: datetime) -> datetime | None:
        """Return the first instant at which the clock reads that, or moved on."""
        return self._found(clock, 0)

    def end_of(self, clock: datetime) -> datetime | None:
        return self._found(clock, -1)

    def _found(self, clock: datetime, index: int) -> datetime | None:
        if clock in self.instants:
            return self.instants[clock][index]
        before = after = clock
        while before not in self.instants:
            before -= MINUTE
            if clock - before > timedelta(days=2):
                return None
        while after not in self.instants:
            after += MINUTE
            if after - clock > timedelta(days=2):
                return None
        # The gap is as long as the clock jumped.
        gap = after - before - MINUTE
        return self.instants[clock + gap][index]

    def frozen(self, windows: list[Window]) -> bytearray:
        """Return for each minute whether any of the windows freezes."""
        found = bytearray(SCANNED_DAYS * 24 * 60)
        for window in windows:
            for start, end in self._stretches(window):
                low = (max(start, self.first) - self.first) // MINUTE
                high = (min(end, self.last) - self.first) // MINUTE
                for minute in range(low, high):
                    found[minute] = 1
        return found

    def _stretches(self, window):
        if not window.rrule:
            yield window.starts_at, window.ends_at
            return
        clocks = [
            moment.astimezone(self.zone).replace(tzinfo=None)
            for moment in (window.starts_at, window.ends_at)
        ]
        high = self.last.replace(tzinfo=None) + timedelta(days=2)
        for day in rrulestr(window.rrule, dtstart=clocks[0]):
            if day > high:
                return
            start = self.start_of(day)
            end = self.end_of(day + (clocks[1] - clocks[0]))
            if start is not None and end is not None and start < end:
                yield start, end


SCANS = {
    f"{zone} {first[0]}-{first[1]:02}": (zone, first)
    for zone, firsts in PERIODS.items()
    for first in firsts
}
SHORT_RULES = st.sampled_from(
    [
        *("", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=WEEKLY;BYDAY=SU,TU"),
        *("FREQ=MONTHLY;BYMONTHDAY=-1,29", "FREQ=DAILY;COUNT=9"),
        "FREQ=MONTHLY;BYDAY=-1SU,2SU",
    ]
)


@pytest.mark.parametrize("name", SCANS)
def test_every_minute_is_as_a_scan_finds_it(name):
    """S122: gaps, overlaps, midnight, a leap day, touching windows."""
    zone, first = SCANS[name]
    scan = Scan(zone, first)
    early = scan.first.replace(tzinfo=scan.zone) - timedelta(days=15)

    def window(days, quarter, length, rule):
        # Many start or end in the small hours, when clocks change.
        start = early + timedelta(days=days, minutes=15 * quarter)
        end = start + timedelta(minutes=length)
        starts_at, ends_at = start.astimezone(UTC), end.astimezone(UTC)
        assume(starts_at < ends_at)
        return Window(starts_at, ends_at, "Some", rrule=rule, time_zone=zone)

    windows = st.lists(
        st.builds(
            window,
            st.integers(0, 20),
            st.integers(0, 24) | st.integers(0, 96),
            st.sampled_from([15, 30, 45, 60, 90, 120, 480, 1440, 1470, 3000]),
            SHORT_RULES,
        ),
        min_size=1,
        max_size=3,
    )

    @settings(max_examples=8 * SCALE, deadline=None)
    @given(
        windows,
        st.lists(st.integers(0, SCANNED_DAYS * 24 * 60 - 1), min_size=5, max_size=9),
    )
    def agree(windows, minutes):
        frozen = scan.frozen(windows)
        changes = [m for m in range(1, len(frozen)) if frozen[m] != frozen[m - 1]]
        for minute in {*minutes, *changes, *(m - 1 for m in changes)}:
            at = scan.first + minute * MINUTE
            found = verdict(None, windows, at)
            assert found.is_frozen == bool(frozen[minute]), at
            change = next((m for m in changes if m > minute), None)
            if change is not None:
                assert found.next_change == scan.first + change * MINUTE, at
            else:
                assert found.next_change is None or found.next_change >= scan.last

    agree()


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
        st.just("") | st.sampled_from(RULES),
        st.sampled_from(ZONES),
    ),
    max_size=3,
)
INSTANTS = st.integers(0, 365 * 24 * 60).map(lambda m: NOON + m * MINUTE)
TOGGLES = st.none() | INSTANTS.map(lambda until: Toggle("By hand", until=until))


@settings(max_examples=50 * SCALE, deadline=None)
@given(TOGGLES, WINDOWS, INSTANTS, st.floats(0, 1))
def test_nothing_changes_before_the_next_change_and_then_it_does(
    toggle, windows, instant, share
):
    found = verdict(toggle, windows, instant)
    change = found.next_change
    assume(change is not None)
    assert change is not None

    between = instant + (change - instant) * share
    if between < change:
        assert verdict(toggle, windows, between).is_frozen == found.is_frozen
    after = verdict(toggle, windows, change)
    assert after.is_frozen != found.is_frozen
    assert not found.is_frozen or found.until == change
