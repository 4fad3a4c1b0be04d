"""The dashboard in numbers: how often, how fast and how safely projects deliver."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from environments.permissions import Permission
from releases.selectors import pace
from tests import make
from tests.releases.pages.conftest import html, words_of

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def clock(_repositories):
    with time_machine.travel(MONDAY - timedelta(days=10), tick=False) as clock:
        yield clock


def drawn(page):
    """Return what each drawing says to who does not see it."""
    return re.findall(r'<svg class="spark"[^>]* aria-label="([^"]*)"', html(page))


def test_before_the_first_deploy_there_are_no_numbers(reader, dev, edit, alice):
    edit(dev)

    assert "Failure rate" not in reader.read(alice, "/")


def test_the_four_keys_come_from_what_was_deployed(
    clock, reader, dev, prod, shipped, edit, create, submit, deploy, rolled_back, alice
):
    """In words, in drawings that say their numbers, and in a table of weeks."""
    good = shipped(dev)
    clock.shift(timedelta(days=9))
    edit(dev, fast="2")
    clock.shift(timedelta(hours=3))
    bad = deploy(submit(create(dev)))
    clock.shift(timedelta(hours=2))
    rolled_back(good)
    clock.move_to(MONDAY)

    page = reader.get(alice, "/?stages=every")

    words = words_of(page)
    assert bad.attempts.get().state == "done"
    # Three deploys; their edits took no time, and three hours; one was undone, in two.
    assert "Deploys per week 0.2 3 deploys in 12 weeks" in words
    assert "Lead time 1 h 30 min median" in words
    assert "Failure rate 33% 1 of 3 tried" in words
    assert "Restore time 2 h median" in words
    assert "2 Mar 2026 2 3 h 50% 2 h" in words
    assert "23 Feb 2026 1 0.0 s 0% none" in words
    deploys, lead, rate, restore = drawn(page)
    assert deploys.endswith("oldest first: " + "0, " * 10 + "1, 2")
    assert lead.endswith("none, 0.0 s, 3 h")
    assert rate.endswith("none, 0%, 50%")
    assert restore.endswith("none, none, 2 h")
    assert "https://dora.dev/" in html(page)
    assert "Change failure rate: the share of all deploys tried" in words


def test_the_last_stage_counts_unless_every_stage_is_asked_for(
    reader, dev, prod, shipped, alice, monkeypatch
):
    shipped(dev)
    monkeypatch.setattr(pace, "MOST", 1)

    last, every = reader.read(alice, "/"), reader.read(alice, "/?stages=every")

    assert "No deploys in these weeks" in last
    assert "last environment of each project" in last
    assert "1 deploy in 12 weeks" in every
    assert "There were more" not in every
    shipped(dev, fast="2")
    every = reader.read(alice, "/?stages=every")
    assert "1 deploy in 12 weeks" in every
    assert "There were more: only the newest" in every


def test_deploys_out_of_sight_do_not_count(reader, shop, dev, shipped, released, prod):
    """S92: numbers tell nothing of what one may not view."""
    shipped(dev)
    released(prod)
    olga = make.user("olga", may=[Permission.VIEW_RELEASE], on=dev.environment)

    assert "1 deploy in 12 weeks" in reader.read(olga, "/?stages=every")
