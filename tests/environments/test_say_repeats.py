"""An RRULE in plain words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from environments.recurrence import Recurrence
from environments.repeat_words import repeat_words

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

    assert repeat_words(recurrence) == said
