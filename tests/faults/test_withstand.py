"""Single faults, each under traffic that goes on until everything is deployed."""

import random
import time

import pytest

from tests.faults import campaign, disks
from tests.faults.strikes import HOLD, Striker

pytestmark = [pytest.mark.broker, pytest.mark.xdist_group("faults")]
DEPLOYS = 10
BEFORE = 1.0
DRAINS_IN = 30.0


@pytest.fixture
def striker(ground):
    return Striker(ground, random.Random(7))


@pytest.fixture
def withstands(ground):
    """Strike in the middle of the traffic; see all of it deployed, once each."""

    def run(strike):
        def later(_traffic):
            time.sleep(BEFORE)
            assert strike() is not False
            return []

        report = campaign.run(ground, DEPLOYS, later)
        assert report.problems == []
        assert report.deployed == DEPLOYS

    return run


def test_a_worker_that_stood_still_does_nothing_late(withstands, striker):
    """S76: another has its jobs; when it wakes, its fence is over."""
    withstands(striker.stop_a_worker)


def test_messages_lost_by_the_broker_are_sent_again(withstands, striker):
    """S73: the row is the job."""
    withstands(striker.flush_the_broker)


def test_messages_that_come_again_deploy_nothing_twice(withstands, striker):
    """S71: one commit for each release."""
    withstands(striker.ring_again)


def test_a_clock_that_jumps_doubles_nothing(withstands, striker):
    """S71: a lease that seems over may be taken; the fence holds."""
    withstands(striker.set_the_clock)


def test_a_stop_in_order_takes_half_a_minute_at_most(withstands, ground):
    """S73: what was begun is finished by whoever starts next."""

    def stop():
        began = time.monotonic()
        code, _ = ground.stack.stop()
        took = time.monotonic() - began
        ground.stack.start()
        assert code == 0
        assert took < DRAINS_IN

    withstands(stop)


@pytest.mark.parametrize("trouble", [disks.full, disks.read_only])
def test_a_disk_that_takes_nothing_costs_no_release(withstands, ground, trouble):
    """S73: deploys fail with a reason and are retried; branches stay whole."""
    if not ground.has_disk:
        pytest.skip("nobody lets us mount a disk of our own here")

    def strike():
        with trouble(ground.place / "repositories"):
            time.sleep(HOLD)

    withstands(strike)
