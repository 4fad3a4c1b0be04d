"""Times on the pages: how far away, and on the reader's clock."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.pages.test_show_fragments import template, words

NOW = datetime(2026, 10, 14, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_berlin():
    with time_machine.travel(NOW, tick=False), timezone.override("Europe/Berlin"):
        yield


@pytest.mark.parametrize(
    ("away", "long", "short"),
    [
        (timedelta(seconds=-40), "40 s ago", "40 s"),
        (timedelta(minutes=-20), "20 min ago", "20 min"),
        (timedelta(hours=-30), "30 h ago", "30 h"),
        (timedelta(days=-6), "6 d ago", "6 d"),
        (timedelta(days=-250), "8 mo ago", "8 mo"),
        (timedelta(days=-1100), "3 y ago", "3 y"),
        (timedelta(hours=23), "in 23 h", "23 h"),
    ],
)
def test_a_time_is_relative_with_the_exact_one_in_its_title(away, long, short):
    """G5: in the zone of whoever reads."""
    markup = template("{% since at %}", at=NOW + away)
    brief = template("{% since at short=True %}", at=NOW + away)

    assert words(markup) == long
    assert words(brief) == short
    assert re.search(r'title="[^"]+ (?:CEST|CET)"', markup)
    assert f'datetime="{(NOW + away).isoformat()}"' in markup


def test_times_below_each_other_are_told_by_the_clock():
    """G5, G11: five of "2 h ago" in a column tell nothing."""
    recent, old = NOW - timedelta(seconds=36), NOW - timedelta(days=400)

    assert words(template("{% moment at %}", at=recent)) == "14 Oct, 09:59 36 s ago"
    exact = template("{% moment at seconds=True %}", at=recent)
    assert words(exact) == "14 Oct, 09:59:24 36 s ago"
    assert 'title="14 Oct 2026, 09:59:24 CEST"' in exact
    assert words(template("{% moment at %}", at=old)) == "9 Sep 2025, 10:00 13 mo ago"


def test_no_time_shows_nothing():
    assert template("{% since at %}{% exactly at %}{% moment at %}", at=None) == ""
