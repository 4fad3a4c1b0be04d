"""When can this ship: the answer for one release, on the API and its page."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from environments import actions as environments
from environments.permissions import Role
from releases import actions
from releases.gates import ahead_of
from releases.locking import fresh
from releases.models import Release, Status
from releases.selectors.shipping import shipping_of
from tests import make
from tests.people import signed_in
from tests.releases.asking import RELEASES

FRIDAY = datetime(2026, 6, 5, 17, tzinfo=UTC)
MONDAY = datetime(2026, 6, 8, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def friday():
    """Friday, five o'clock: the weekend's freeze begins."""
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def weekend(friday, shop, mona, do):
    """No deploy from Friday evening to Monday morning."""
    terms = environments.WindowTerms(
        starts_at=FRIDAY,
        ends_at=MONDAY,
        rrule="FREQ=WEEKLY",
        time_zone="UTC",
        reason="Weekend",
    )
    do(environments.add_freeze_window, shop, terms=terms, actor=mona)


def shipping(release, person):
    return shipping_of(ahead_of(fresh(release.pk), person))


def waits(found):
    return {wait.gate: (wait.action, list(wait.who)) for wait in found.waits}


def test_an_approved_release_ships_when_the_freeze_ends(
    weekend, prod, approved, dora, olga
):
    """S116, S122: the same answer for whoever asks, with who may deploy."""
    release = approved(prod)

    found = shipping(release, olga)

    assert (found.opening.at, found.is_now) == (MONDAY, False)
    assert found.opening.until == FRIDAY + timedelta(days=7)
    assert found.opening.ended_by == "freeze"
    assert (list(found.waits), found.deployers) == ([], ["dora", "mona"])


def test_votes_that_lapse_over_the_weekend_are_asked_for_again(
    weekend, gated, approved, bob, carol, dora
):
    release = approved(gated(required_approvals=1, approval_expiry_hours=24))

    found = shipping(release, dora)

    assert (found.opening.at, found.with_people) == (None, MONDAY)
    assert waits(found) == {"approvals": ("approve", ["bob", "carol", "mona"])}
    assert "lapse before it can ship" in found.waits[0].said


def test_a_vote_that_outlives_the_weekend_says_until_when(
    weekend, gated, approved, dora
):
    release = approved(gated(approval_expiry_hours=96))

    found = shipping(release, dora)

    lapse = FRIDAY + timedelta(hours=96)
    assert (found.opening.at, found.opening.until) == (MONDAY, lapse)
    assert found.opening.ended_by == "approvals"


def test_missing_votes_name_who_can_give_them(
    friday, gated, edit, create, approve, alice, bob, carol, mona
):
    """The author is barred; whoever has voted is not asked again."""
    target = gated(required_approvals=2)
    edit(target)
    release = create(target)
    approve(release, actor=carol)

    found = shipping(release, alice)

    assert (found.opening.at, found.with_people) == (None, FRIDAY)
    assert waits(found) == {"approvals": ("approve", ["bob", "mona"])}
    assert found.waits[0].count == 1


def test_open_gates_say_now(friday, prod, approved, dora):
    found = shipping(approved(prod), dora)

    assert (found.is_now, found.opening.until) == (True, None)


def test_a_freeze_without_end_names_who_can_lift_it(friday, prod, approved, mona, do):
    release = approved(prod)
    do(environments.freeze, prod.environment, reason="Incident", actor=mona)

    found = shipping(release, mona)

    assert (found.opening.at, found.with_people) == (None, FRIDAY)
    assert waits(found) == {"freeze": ("unfreeze", ["mona"])}


def test_what_moved_must_be_refreshed(friday, prod, approved, edit, alice, dora):
    release = approved(prod)
    edit(prod, fast="2")

    found = shipping(release, dora)

    assert found.opening.at is None
    assert waits(found)["source"] == ("refresh", ["alice"])


def test_a_draft_must_be_submitted(friday, dev, edit, create, alice):
    edit(dev)

    found = shipping(create(dev), alice)

    assert found.opening.at is None
    assert waits(found)["state"] == ("submit", ["alice"])


def test_where_only_the_author_could_deploy_somebody_must_be_granted(
    friday, shop, gated, edit, create, approve, mona
):
    target = gated(block_self_deploy=True)
    edit(target, actor=None)
    release = approve(create(target, actor=mona), actor=make_approver(shop))

    found = shipping(release, mona)

    assert found.deployers == []
    assert waits(found)["deployers"] == ("grant", ["mona"])


def make_approver(shop):
    return make.user("vera", role=Role.APPROVER, on=shop)


def test_what_deploys_itself_waits_for_its_planned_start(
    friday, gated, edit, create, approve, bob, dora
):
    """Where people deploy, the planned window is mentioned and no gate."""
    planned = {"planned_start": FRIDAY + HOUR, "planned_end": FRIDAY + 2 * HOUR}
    releases = []
    for slug, mode in (("auto", "auto"), ("hand", "manual")):
        target = gated(slug, deploy_mode=mode)
        edit(target)
        releases.append(approve(create(target, content=planned)))
    by_itself, by_hand = (shipping(release, bob) for release in releases)

    assert by_itself.opening.at == FRIDAY + HOUR
    assert by_itself.deploys_itself
    assert by_hand.is_now
    assert by_hand.document["planned_window"]["start"] == FRIDAY + HOUR
    assert "planned_window" not in {gate.name for gate in by_hand.gates}


def test_what_is_over_ships_no_more(friday, prod, released, approved, do, alice):
    shipped = released(prod)
    failed = approved(prod, fast="2")
    cancelled = do(actions.cancel_release, fresh(failed.pk), actor=alice, reason="No")

    for release in (shipped, cancelled):
        found = shipping(release, alice)
        assert (found.opening.at, found.with_people, found.is_over) == (
            None,
            None,
            True,
        )
        assert list(found.waits) == []


def test_a_failure_that_can_be_retried_ships_at_once(friday, prod, approved, dora):
    release = approved(prod)
    facts = {"status": Status.FAILED, "failed_at": FRIDAY}
    Release.objects.update(failure_type="git_conflict", **facts)
    assert shipping(release, dora).is_now

    Release.objects.update(failure_type="template_error", **facts)
    assert shipping(release, dora).is_over


def test_the_api_tells_when_and_why_not_before(
    weekend, gated, approved, dora, olga, stan
):
    """S116, S122."""
    release = approved(gated(approval_expiry_hours=96))
    url = f"{RELEASES}/{release.number}/earliest-deploy"

    answer = signed_in(olga).get(url)

    found = answer.json()
    gates = {gate.pop("name"): gate for gate in found.pop("gates")}
    assert answer.status_code == 200
    assert found == {
        "at": "2026-06-08T08:00:00Z",
        "now": False,
        "until": "2026-06-09T17:00:00Z",
        "endedBy": "approvals",
        "atWithPeople": "2026-06-08T08:00:00Z",
        "deploysItself": False,
        "deployers": ["dora", "mona"],
        "plannedWindow": None,
        "waitsFor": [],
    }
    assert gates["freeze"]["state"] == "wait"
    assert gates["freeze"]["nextChange"] == "2026-06-08T08:00:00Z"
    assert gates["freeze"]["evidence"]["reason"] == "Weekend"
    assert gates["freeze"]["rule"]
    assert signed_in(stan).get(url).status_code == 404


def test_the_api_names_who_is_waited_for(prod, edit, create, bob, dora):
    edit(prod)
    release = create(prod)

    found = signed_in(bob).get(f"{RELEASES}/{release.number}/earliest-deploy").json()

    assert (found["at"], found["now"]) == (None, False)
    assert found["waitsFor"] == [
        {
            "gate": "approvals",
            "action": "approve",
            "detail": "1 approval",
            "count": 1,
            "who": ["bob"],
        }
    ]
