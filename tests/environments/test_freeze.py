"""Freezing by hand and by window: the rules of the actions, then the doors."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from environments import actions, selectors
from environments.actions import WindowTerms
from environments.models import Edit
from gitopshq.core.errors import (
    InvalidState,
    NotPermitted,
    ReasonRequired,
    ValidationError,
)
from gitopshq.core.models import AuditEntry
from tests import make

URL = "/api/v1/projects/shop/environments/prod/freeze"
WINDOWS = "/api/v1/projects/shop/freeze-windows"
START = datetime(2030, 1, 1, tzinfo=UTC)


def window(**terms):
    given = {"starts_at": START, "ends_at": START + timedelta(days=2), "reason": "X"}
    return WindowTerms(**{**given, **terms})


def test_the_toggle_works_at_once_both_ways_and_is_no_edit(prod, production, pia):
    """S25: S108: S130: the freeze is seen at once, and lifted at once."""
    edits = Edit.objects.count()
    frozen = actions.freeze(production, reason="Black Friday", actor=pia)
    verdict = selectors.freeze_of(frozen)
    assert (verdict.is_frozen, verdict.reason) == (True, "Black Friday")

    thawed = actions.unfreeze(frozen, actor=pia)
    assert not selectors.freeze_of(thawed).is_frozen

    assert Edit.objects.count() == edits
    events = AuditEntry.objects.filter(event__startswith="environment.").order_by("pk")
    assert [entry.event for entry in events][-2:] == [
        "environment.frozen",
        "environment.unfrozen",
    ]


def test_a_freeze_needs_a_reason_and_a_right(production, dana, pia):
    with pytest.raises(ReasonRequired):
        actions.freeze(production, reason="  ", actor=pia)
    with pytest.raises(NotPermitted):
        actions.freeze(production, reason="No", actor=dana)


def test_a_freeze_ends_by_itself(production, pia):
    soon = timezone.now() + timedelta(hours=1)
    frozen = actions.freeze(production, reason="Move", until=soon, actor=pia)

    assert selectors.freeze_of(frozen).until == soon
    assert not selectors.freeze_of(frozen, at=soon).is_frozen
    past = timezone.now() - timedelta(seconds=1)
    with pytest.raises(ValidationError):
        actions.freeze(production, reason="Move", until=past, actor=pia)


def test_what_is_not_frozen_is_not_thawed(production, pia):
    with pytest.raises(InvalidState):
        actions.unfreeze(production, actor=pia)


def test_a_window_reaches_the_tenant_it_names(shop, prod, pia, mona):
    """S122: freeze windows are seen where they hold."""
    other = make.target(shop, tenant="umbrella")
    actions.add_freeze_window(
        shop,
        terms=window(),
        environment=prod.environment,
        tenant=prod.tenant,
        actor=pia,
    )

    verdicts = selectors.freezes_of([prod, other], at=START)

    assert verdicts[prod.pk].is_frozen
    assert not verdicts[other.pk].is_frozen
    assert not selectors.freeze_of(prod.environment, at=START).is_frozen
    assert selectors.freeze_of(prod.environment, tenant=prod.tenant, at=START).is_frozen


def test_a_window_of_the_project_reaches_all_of_it_and_no_other(shop, prod, mona):
    elsewhere = make.target(make.project())
    actions.add_freeze_window(shop, terms=window(), actor=mona)

    verdicts = selectors.freezes_of([prod, elsewhere], at=START)

    assert [verdicts[t.pk].is_frozen for t in (prod, elsewhere)] == [True, False]


def test_a_window_of_the_project_needs_a_right_on_the_project(shop, pia):
    with pytest.raises(NotPermitted):
        actions.add_freeze_window(shop, terms=window(), actor=pia)


def test_a_window_that_was_ended_froze_until_then(shop, prod, mona):
    now = timezone.now()
    made = actions.add_freeze_window(
        shop,
        terms=window(
            starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1)
        ),
        actor=mona,
    )
    assert selectors.freeze_of(prod).is_frozen

    actions.end_freeze_window(made, actor=mona)

    assert not selectors.freeze_of(prod).is_frozen
    assert selectors.freeze_of(prod, at=now - timedelta(hours=1)).is_frozen
    with pytest.raises(InvalidState):
        actions.end_freeze_window(made, actor=mona)


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"time_zone": "Mars/Olympus"}, "/timeZone"),
        ({"time_zone": "../../etc/passwd"}, "/timeZone"),
        ({"ends_at": START}, "/endsAt"),
        ({"rrule": "FREQ=HOURLY"}, "/rrule"),
        ({"rrule": "FREQ=DAILY;BYHOUR=3"}, "/rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=2;UNTIL=20310101"}, "/rrule"),
        ({"rrule": "FREQ=DAILY;INTERVAL=0"}, "/rrule"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=2MO"}, "/rrule"),
        ({"rrule": "nonsense"}, "/rrule"),
        ({"rrule": "FREQ=DAILY\nEXDATE:20300102T000000Z"}, "/rrule"),
        ({"rrule": "FREQ=DAILY;UNTIL=soon"}, "/rrule"),
        ({"ends_at": datetime(9999, 12, 31, tzinfo=UTC)}, "/endsAt"),
        ({"starts_at": datetime(1066, 10, 14, tzinfo=UTC)}, "/startsAt"),
    ],
)
def test_windows_that_cannot_be_are_refused(shop, mona, terms, pointer):
    with pytest.raises(ValidationError) as refused:
        actions.add_freeze_window(shop, terms=window(**terms), actor=mona)

    assert refused.value.errors[0].pointer == pointer


def test_the_api_freezes_and_thaws(as_user, production, pia):
    api = as_user(pia)

    answer = api.post(URL, {"reason": "Black Friday"})
    assert answer.status_code == 200
    assert answer.json()["frozen"] is True
    assert answer.json()["allowedActions"][1] == {
        "action": "unfreeze",
        "allowed": True,
        "reason": None,
    }
    shown = api.get("/api/v1/projects/shop/environments/prod").json()
    assert shown["frozen"] is True
    assert shown["freeze"]["reason"] == "Black Friday"

    assert api.delete(URL).status_code == 204
    assert api.get(URL).json()["frozen"] is False


def test_the_api_says_why_not(as_user, production, pia, olga, stan):
    assert as_user(pia).post(URL, {}).json()["code"] == "reason_required"
    assert as_user(olga).post(URL, {"reason": "No"}).status_code == 403
    assert as_user(stan).post(URL, {"reason": "No"}).status_code == 404
    assert AuditEntry.objects.filter(event="environment.freeze_refused").exists()


def test_the_api_adds_lists_and_ends_windows(as_user, prod, mona, stan):
    api = as_user(mona)
    body = {
        "environment": "prod",
        "tenant": "acme",
        "startsAt": "2030-01-04T22:00:00+01:00",
        "endsAt": "2030-01-07T06:00:00+01:00",
        "rrule": "FREQ=WEEKLY;BYDAY=FR",
        "timeZone": "Europe/Berlin",
        "reason": "Weekends",
    }

    made = api.post(WINDOWS, body)

    assert made.status_code == 201, made.json()
    assert made.json()["startsAt"] == "2030-01-04T21:00:00Z"
    assert [w["id"] for w in api.get(WINDOWS).json()["items"]] == [made.json()["id"]]
    assert as_user(stan).get(WINDOWS).status_code == 404
    assert api.delete(f"{WINDOWS}/{made.json()['id']}").status_code == 204
    assert api.get(WINDOWS).json()["items"] == []
    assert len(api.get(f"{WINDOWS}?ended=true").json()["items"]) == 1
