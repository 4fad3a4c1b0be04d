"""Looking back: the timeline beside a target, and the history of a project."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import F

from releases.models import CancelKind, DeployedState, Release, Status, SyncState
from tests.releases.pages.conftest import html, words_of

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
TARGET = "/projects/shop/acme/dev"


@pytest.fixture
def clock(_repositories):
    with time_machine.travel(NOON - timedelta(days=20), tick=False) as clock:
        yield clock


@pytest.fixture
def three(clock, dev, shipped):
    """One older, one of this week, one of today."""
    releases = []
    for days in (20, 3, 0):
        clock.move_to(NOON - timedelta(days=days, minutes=1))
        releases.append(shipped(dev, fast=str(days)))
    clock.move_to(NOON)
    return releases


def drawer(page):
    return re.search(
        r'<section class="drawer" id="timeline".*?</section>', page, re.DOTALL
    )


def test_the_timeline_stands_beside_the_target(
    three, dev, rolled_back, reader, alice, dora, olga
):
    """S6, S16: by age, each to view, to compare and to go back to; by permission."""
    page = html(reader.get(alice, TARGET))

    assert '<button class="button" type="button" popovertarget="timeline">' in page
    shown = drawer(page)[0]
    for words in ("Today", "This week", "Older"):
        assert f'<h3 class="drawer__age">{words}</h3>' in shown
    assert shown.index("Today") < shown.index("R-3 ") < shown.index("This week")
    assert shown.index("This week") < shown.index("R-2 ") < shown.index("Older")
    assert shown.count("/rollback") == shown.count("Compare with current") == 2
    assert "/projects/shop/releases/compare/R-1...acme/dev" in shown
    assert "/rollback" not in drawer(html(reader.get(olga, TARGET)))[0]
    assert "needs releases.create" in reader.read(olga, TARGET)
    rolled_back(three[0])
    assert "undone by R-4" in drawer(html(reader.get(alice, TARGET)))[0]


def test_what_was_cancelled_since_hides_no_deployment(three, reader, alice):
    """S6: however many releases came to nothing, the timeline goes back as far."""
    last = three[-1]
    fields = {
        field.attname: getattr(last, field.attname)
        for field in Release._meta.concrete_fields
        if not field.primary_key
    }
    fields |= {"status": Status.CANCELLED, "cancel_kind": CancelKind.CANCELLED}
    fields |= {"deployed_at": None, "commit_sha": ""}
    Release.objects.bulk_create(
        Release(**{**fields, "number": number}) for number in range(10, 60)
    )

    shown = drawer(html(reader.get(alice, TARGET)))[0]

    assert [name for name in ("R-1 ", "R-2 ", "R-3 ") if name not in shown] == []
    assert "R-59" not in shown


def test_a_target_says_whether_a_cluster_reports(three, reader, alice):
    assert "in Git; no cluster reports" in reader.read(alice, TARGET)

    DeployedState.objects.update(sync_state=SyncState.DEGRADED)

    words = reader.read(alice, TARGET)
    assert "Degraded" in words
    assert "no cluster reports" not in words


def test_the_history_tells_all_hands_and_compares_any_two(
    three, rolled_back, reader, alice
):
    """S6, S92: who made, approved and deployed it; how long it took; what it became."""
    rolled_back(three[1])
    took = timedelta(minutes=3, seconds=3.2)
    three[0].attempts.update(ended_at=F("requested_at") + took)
    history = reader.get(alice, "/projects/shop/history")

    words = words_of(history)
    assert "made by alice (you) approved by the system deployed by dora" in words
    assert "in 0.0 s" in words
    assert "in 3 min 3 s" in words
    assert "Rolled back by R-4 view only" in words
    assert "No cluster has reported on any of these" in words
    chosen = re.findall(r'name="(\w+)" value="(R-\d)"[^>]* checked', html(history))
    assert chosen == [("to", "R-4"), ("from", "R-3")]
    address = re.search(r'id="compare-two" action="([^"]*)"', html(history))[1]
    two = reader.get(alice, f"{address}?from=R-1&to=R-3")
    assert two.url == "/projects/shop/releases/compare/R-1...R-3"
    assert reader.get(alice, two.url).status_code == 200
