"""The freezes of an environment on its page: list, month, next ones, a preview."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from environments import actions
from environments.models import FreezeWindow
from environments.selectors.openings import month_of, next_closures
from tests import make

URL = "/projects/shop/environments/prod/policy"
BERLIN = ZoneInfo("Europe/Berlin")
WEEKEND = {
    "reason": "Weekend",
    "starts_at": "2026-03-20T17:00",
    "ends_at": "2026-03-23T08:00",
    "time_zone": "Europe/Berlin",
    "rrule": "FREQ=WEEKLY;BYDAY=FR",
}


@pytest.fixture(autouse=True)
def spring():
    with time_machine.travel("2026-03-18 08:00Z", tick=False):
        yield


@pytest.fixture
def add(shop, prod, mona):
    def window(reason="Weekend", tenant=None, rrule="FREQ=WEEKLY;BYDAY=FR"):
        return actions.add_freeze_window(
            shop,
            terms=actions.WindowTerms(
                starts_at=datetime(2026, 3, 20, 17, tzinfo=BERLIN),
                ends_at=datetime(2026, 3, 23, 8, tzinfo=BERLIN),
                reason=reason,
                rrule=rrule,
                time_zone="Europe/Berlin",
            ),
            environment=prod.environment,
            tenant=tenant,
            actor=mona,
        )

    return window


def test_a_window_is_listed_in_words_with_what_it_closes_next(add, read, mona):
    """S122: across the change of clocks."""
    add()

    page = read(mona, URL)

    assert "Every Friday 17:00 to Monday 08:00, Europe/Berlin, from" in page
    assert page.count("30 Mar 2026, 06:00 UTC") >= 1
    assert "Next closings and openings" in page


def test_ten_closings_keep_the_clock_of_their_zone(add):
    add()

    found = next_closures(FreezeWindow.objects.all(), datetime.now(UTC))

    assert len(found) == 10
    assert {one.start.astimezone(BERLIN).strftime("%a %H") for one in found} == {
        "Fri 17"
    }
    assert {one.end.astimezone(BERLIN).strftime("%a %H") for one in found} == {"Mon 08"}
    assert {one.end.hour for one in found} == {6, 7}


def test_a_month_shows_what_is_closed_whole_and_in_part(add):
    add()

    first = datetime(2026, 3, 1, tzinfo=UTC).date()
    weeks = month_of(FreezeWindow.objects.all(), first, BERLIN)

    days = {day.date.isoformat()[5:]: day for week in weeks for day in week}
    assert (len(weeks), weeks[0][0].date.isoformat()) == (6, "2026-02-23")
    assert [len(week) for week in weeks] == [7] * 6
    assert not days["02-28"].in_month
    assert not days["03-19"].closures
    assert days["03-20"].closures
    assert not days["03-20"].is_whole
    assert days["03-21"].is_whole
    # On 29 March the day has 23 hours.
    assert days["03-29"].is_whole
    assert not days["03-30"].is_whole


def test_the_month_says_in_words_what_it_colours(add, read, mona):
    add()

    page = read(mona, f"{URL}?month=2026-04")

    assert "April 2026" in page
    assert "closed all day: Weekend" in page
    assert "?month=2026-03#calendar" in page
    assert "?month=2026-05#calendar" in page
    assert "March 2026" in read(mona, f"{URL}?month=nonsense")


def test_a_tenant_is_chosen(shop, add, prod, read, mona):
    make.target(shop, tenant="umbrella", environment="prod")
    add("Audit", tenant=prod.tenant)

    assert "closed all day: Audit" not in read(mona, URL)
    assert "closed all day: Audit" in read(mona, f"{URL}?tenant=acme")
    assert "closed all day: Audit" not in read(mona, f"{URL}?tenant=umbrella")
    assert "closed all day: Audit" not in read(mona, f"{URL}?tenant=nobody")


def test_a_window_that_never_ends_promises_no_opening(prod, as_person, mona, read):
    """S122: one a day, each the whole day: in the preview and among what is next."""
    client = as_person(mona)
    days = {"starts_at": "2026-03-16T00:00", "ends_at": "2026-03-17T00:00"}
    always = {**WEEKEND, **days, "rrule": "FREQ=DAILY"}

    said = client.post(f"{URL}/windows", {**always, "do": "preview"}).content.decode()
    assert "closed now, no opening within 400 days" in said
    client.post(f"{URL}/windows", always)

    assert "closed <b>now</b><br>no opening within 400 days" in read(mona, URL)


def test_a_window_is_previewed_before_it_is_added(prod, as_person, mona):
    client = as_person(mona)

    page = client.post(f"{URL}/windows", {**WEEKEND, "do": "preview"})

    assert page.status_code == 200
    said = page.content.decode()
    assert "It would close every Friday 17:00 to Monday 08:00, Europe/Berlin" in said
    assert "closes <time" in said
    assert said.count("27 Mar 2026, 16:00 UTC") == 1
    assert said.count("on the clock of Europe/Berlin)") == 10
    # The clocks change in that weekend: its own keeps the hours.
    assert "Fri 17:00 CET to Mon 08:00 CEST on the clock of Europe/Berlin" in said
    assert 'value="2026-03-20T17:00"' in said
    assert not FreezeWindow.objects.exists()

    wrong = {**WEEKEND, "rrule": "FREQ=HOURLY", "do": "preview"}
    refused = client.post(f"{URL}/windows", wrong)
    assert refused.status_code == 422
    assert "FREQ must be one of" in refused.content.decode()
