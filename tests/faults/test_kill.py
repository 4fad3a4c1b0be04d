"""Killed at random moments: one commit for each deployed release, nothing stuck."""

import pytest

from tests.faults import campaign
from tests.faults.strikes import Striker

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("faults")]
KILLS, DEPLOYS = 20, 100


def test_who_is_killed_loses_nothing_and_doubles_nothing(ground_on_postgres):
    """S3, S71, S73: web, worker, beat, broker, renderer, database, and all at once."""
    seed, chance = campaign.chance_of(None)
    striker = Striker(ground_on_postgres, chance)
    strike = campaign.at_random(striker, KILLS, pause=0.5)

    report = campaign.run(ground_on_postgres, DEPLOYS, strike)

    assert report.problems == [], f"again by seed {seed}: {report}"
    assert report.deployed == DEPLOYS, f"again by seed {seed}: {report}"
    assert sum(report.struck.values()) == KILLS
