"""A freeze on the page of a release, and break-glass from there, without scripts."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from environments import actions as environments
from gitopshq.core.instants import on_the_clock
from releases import actions
from releases.glass import LASTS
from releases.models import BreakGlass
from releases.planning import planning_warnings
from tests.releases.conftest import signed_in


@pytest.fixture
def page(frozen):
    """Read the page of the frozen release as somebody."""

    def read(person, release=frozen):
        client = Client()
        client.force_login(person)
        return client.get(release.get_absolute_url()).content.decode()

    return read


@pytest.fixture
def press(frozen):
    """Press a button of the page as somebody."""

    def post(person, path, **data):
        client = Client()
        client.force_login(person)
        return client.post(f"{frozen.get_absolute_url()}/{path}", data)

    return post


def test_the_page_says_what_is_frozen_and_when_it_resumes(frozen, page, dora, do):
    """S122: in the words that stand everywhere."""
    said = page(dora)
    assert "Environment prod is frozen by “fair” — deploys resume when it" in said
    assert "This needs the permission freeze.override" in said

    until = timezone.now() + timedelta(hours=2)
    environment = frozen.target.environment
    do(environments.freeze, environment, reason="fair", until=until, actor=None)

    assert "deploys resume " in page(dora)
    assert "when it is lifted" not in page(dora)


def test_two_people_press_and_it_stays_in_red(frozen, page, press, carla, dave):
    assert 'name="reason"' in page(carla)
    assert press(carla, "break-glass", reason="card data leaks").status_code == 302
    assert "You asked for it" in page(carla).replace("you asked", "You asked")
    assert "Confirm for 60 minutes" in page(dave)

    assert press(dave, "break-glass/confirm").status_code == 302

    shown = page(dave)
    assert "The freeze is set aside until" in shown
    assert "panel--danger" in shown
    assert "“card data leaks”" in shown
    assert "set aside by carla and dave" in shown
    assert "Break-glass asked for" in shown
    assert "Freeze set aside" in shown


def test_it_is_shown_for_ever(
    frozen, broken, page, carla, dora, mona, deploy, time_machine
):
    """S116, S122: in red on the release, its evidence and the audit (ux E6)."""
    deploy(broken(frozen), actor=carla)
    time_machine.move_to(timezone.now() + LASTS)

    said = page(dora)

    assert "<b>Over.</b> “card data leaks”" in said
    until = BreakGlass.objects.get().expires_at
    gate = f"set aside by carla and dave until {on_the_clock(until)}"
    assert gate in said
    client = Client()
    client.force_login(mona)
    proof = client.get(f"{frozen.get_absolute_url()}/evidence").content.decode()
    assert "<b>The freeze was overridden.</b> “card data leaks”" in proof
    assert gate in proof
    trail = client.get("/audit?event=release.*").content.decode()
    assert trail.count("freeze overridden") == len(
        ["confirmed", "sent off", "deployed"]
    )
    assert trail.count("freeze override asked for") == 1


def test_refusals_are_pages_with_the_reason(press, carla, dora, stan):
    assert press(dora, "break-glass", reason="x").status_code == 403
    assert press(stan, "break-glass", reason="x").status_code == 404
    empty = press(carla, "break-glass", reason=" ")
    assert empty.status_code == 400
    assert "reason is required" in empty.content.decode()
    assert press(carla, "break-glass", reason="leak").status_code == 302
    again = press(carla, "break-glass/confirm")
    assert again.status_code == 403
    assert "takes a second person" in again.content.decode()
    assert BreakGlass.objects.get().confirmed_by is None


def plan(release, start, end):
    type(release).objects.filter(pk=release.pk).update(
        planned_start=start, planned_end=end
    )
    return type(release).objects.get(pk=release.pk)


def test_a_planned_window_is_shown_and_warned_about(frozen, page, dora, do):
    """S123: recorded, and no gate where people deploy."""
    now, hour = timezone.now(), timedelta(hours=1)
    do(environments.unfreeze, frozen.target.environment, actor=None)
    assert planning_warnings(frozen, now) == []

    ahead = plan(frozen, now + hour, now + 2 * hour)
    assert "that is still to come" in planning_warnings(ahead, now)[0]
    assert "that is still to come" in page(dora)
    over = plan(frozen, now - 2 * hour, now)
    assert "that is over" in planning_warnings(over, now)[0]
    inside = plan(frozen, now - hour, now + hour)
    assert planning_warnings(inside, now) == []
    shown = (
        signed_in(dora).get(f"/api/v1/projects/shop/releases/{frozen.number}").json()
    )
    assert shown["plannedWindowWarnings"] == []
    assert shown["allowedActions"][0] == {
        "action": "deploy",
        "allowed": True,
        "reason": "",
    }


def test_a_freeze_in_the_planned_window_is_named(frozen, do, mona):
    """S123: before it is too late to plan anew."""
    now, hour = timezone.now().replace(microsecond=0), timedelta(hours=1)
    target = frozen.target
    do(environments.unfreeze, target.environment, actor=None)
    planned = plan(frozen, now + 2 * hour, now + 4 * hour)
    do(
        environments.add_freeze_window,
        target.project,
        terms=environments.WindowTerms(
            starts_at=now + 3 * hour, ends_at=now + 5 * hour, reason="Sale"
        ),
        actor=mona,
    )

    said = planning_warnings(planned, now)

    assert any("a freeze meets the planned window: Sale from" in one for one in said)
    earlier = plan(frozen, now + hour, now + 3 * hour)
    assert not any("Sale" in one for one in planning_warnings(earlier, now))
    inside = plan(frozen, now + 4 * hour, now + 8 * hour)
    assert any("Sale until" in one for one in planning_warnings(inside, now))


def test_what_is_over_is_not_warned_about(frozen, do, alice):
    now = timezone.now()
    planned = plan(frozen, now - timedelta(hours=2), now - timedelta(hours=1))
    do(actions.cancel_release, planned, actor=alice)

    assert planning_warnings(type(planned).objects.get(pk=planned.pk), now) == []
