"""An RRULE in plain words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from environments.freezing import Window
from environments.recurrence import Recurrence
from environments.repeat_words import end_words, pattern_words
from environments.window_words import window_words

MONDAY = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("FREQ=WEEKLY", "every week on Monday"),
        ("FREQ=WEEKLY;BYDAY=SA,FR", "every week on Friday and Saturday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every week on workdays"),
        ("FREQ=WEEKLY;INTERVAL=2;COUNT=5", "every 2 weeks on Monday, 5 times"),
        ("FREQ=MONTHLY", "every month on the 4th day"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
        (
            "FREQ=MONTHLY;BYDAY=2TU,-2FR",
            "every month on the 2nd Tuesday and the 2nd last Friday",
        ),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "every month on the 1st day and the last day"),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "every month on the last of workdays",
        ),
        ("FREQ=YEARLY", "every year on the 4th day in May"),
        (
            "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
            "every year on the 24th day in December",
        ),
        (
            "FREQ=YEARLY;BYYEARDAY=-1,111",
            "every year on the 111th day of the year and the last day of the year",
        ),
        ("FREQ=YEARLY;BYWEEKNO=52;BYDAY=MO", "every year on Monday in week 52"),
        ("FREQ=DAILY;COUNT=1", "every day, once"),
        ("FREQ=DAILY;UNTIL=20260601", "every day, until 1 June 2026"),
        (
            "FREQ=DAILY;UNTIL=20260601T100000Z",
            "every day, until 1 June 2026, 10:00 UTC",
        ),
    ],
)
def test_a_rule_is_said_in_words(rule, said):
    """S122: a window is understood before it closes anything."""
    recurrence = Recurrence.parse(rule, starts_at=MONDAY, zone=ZoneInfo("UTC"))

    assert pattern_words(recurrence.pattern) + end_words(recurrence) == said


WEEKEND = (datetime(2026, 5, 8, 15, tzinfo=UTC), datetime(2026, 5, 11, 6, tzinfo=UTC))
EVENING = (datetime(2026, 5, 8, 15, tzinfo=UTC), datetime(2026, 5, 8, 18, tzinfo=UTC))
NIGHT = (datetime(2026, 5, 8, 20, tzinfo=UTC), datetime(2026, 5, 9, 4, tzinfo=UTC))
WHOLE = (datetime(2026, 5, 7, 22, tzinfo=UTC), datetime(2026, 5, 8, 22, tzinfo=UTC))
LONG = (datetime(2026, 12, 18, 16, tzinfo=UTC), datetime(2027, 1, 4, 7, tzinfo=UTC))


@pytest.mark.parametrize(
    ("times", "rule", "said"),
    [
        (
            WEEKEND,
            "FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218",
            "every Friday 17:00 to Monday 08:00, Europe/Berlin, until 18 December 2026",
        ),
        (
            EVENING,
            "FREQ=WEEKLY;BYDAY=FR",
            "every Friday, 17:00 to 20:00, Europe/Berlin, from 8 May 2026 on",
        ),
        (
            EVENING,
            "FREQ=WEEKLY;BYDAY=MO",
            "every Monday, 17:00 to 20:00, Europe/Berlin, from 8 May 2026 on",
        ),
        (
            WEEKEND,
            "FREQ=WEEKLY;BYDAY=SU;COUNT=2",
            "every Sunday 17:00 to Wednesday 08:00, Europe/Berlin, 2 times",
        ),
        (
            EVENING,
            "FREQ=WEEKLY;BYDAY=FR;BYMONTH=12;COUNT=2",
            "every week on Friday in December, 17:00 to 20:00, Europe/Berlin, 2 times",
        ),
        (
            NIGHT,
            "FREQ=WEEKLY;BYDAY=FR,SA;COUNT=4",
            "every week on Friday and Saturday, 22:00 to 06:00 the next day, "
            "Europe/Berlin, 4 times",
        ),
        (
            WEEKEND,
            "FREQ=MONTHLY;BYDAY=2FR;COUNT=2",
            "every month on the 2nd Friday, 17:00 to 08:00 3 days later, "
            "Europe/Berlin, 2 times",
        ),
        (
            WHOLE,
            "FREQ=DAILY;COUNT=3",
            "every day, all day, Europe/Berlin, 3 times",
        ),
        (
            LONG,
            "",
            "once, Friday 18 December 2026 17:00 to Monday 4 January 2027 08:00, "
            "Europe/Berlin",
        ),
        (EVENING, "", "once, Friday 8 May 2026, 17:00 to 20:00, Europe/Berlin"),
        (WHOLE, "", "once, all of Friday 8 May 2026, Europe/Berlin"),
    ],
)
def test_a_window_is_said_on_its_own_clock(times, rule, said):
    """S122: days and hours as people say them, not as a calendar writes them."""
    start, end = times
    window = Window(start, end, "Peak", rrule=rule, time_zone="Europe/Berlin")

    assert window_words(window).said == said
    assert window_words(window).rule == ""


def test_a_rule_that_words_would_blur_is_shown_beside_them():
    """S122: Friday the 13th is not every Friday and every 13th."""
    rule = "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"

    found = window_words(Window(*EVENING, "Luck", rrule=rule, time_zone="UTC"))

    assert found.said == "by a rule of its own, 15:00 to 18:00, UTC, from 8 May 2026 on"
    assert found.rule == rule
