"""Rollbacks against deploys and edits, with real transactions on a real PostgreSQL."""

import pytest

from releases import actions
from releases.locking import fresh
from releases.models import RollbackScope, Status
from releases.pending import pool_of
from releases.rollbacks import Reversal
from tests.releases.test_race import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

FULL = Reversal(RollbackScope.FULL)


@pytest.mark.parametrize("_", range(3))
def test_a_deploy_against_a_rollback_lets_one_of_them_through(
    dev, shipped, edit, create, submit, alice, dora, _
):
    """Security.md 20: the other is stale; what was undone is told exactly."""
    first, second = shipped(dev, fast="1"), shipped(dev, fast="2")
    edit(dev, fast="3")
    forward = submit(create(dev))
    back = submit(
        actions.roll_back_release(fresh(first.pk), actor=alice, reversal=FULL)
    )

    at_once(
        lambda: actions.deploy_release(fresh(forward.pk), actor=dora),
        lambda: actions.deploy_release(fresh(back.pk), actor=dora),
    )

    forward, back, second = (fresh(one.pk) for one in (forward, back, second))
    statuses = {forward.status, back.status}
    assert statuses == {Status.APPROVED, Status.DEPLOYED}
    is_back = back.status == Status.DEPLOYED
    assert second.status == (Status.ROLLED_BACK if is_back else Status.DEPLOYED)
    assert dev.deployed.release == (back if is_back else forward)
    # The edit was never deployed: a rollback does not hold it.
    assert pool_of(dev).held == 0


def test_two_rollbacks_at_once_are_two_releases(dev, shipped, alice):
    """Of two people who go back at the same time each has made one."""
    first = shipped(dev, fast="1")
    shipped(dev, fast="2")

    def back():
        return actions.roll_back_release(fresh(first.pk), actor=alice, reversal=FULL)

    ends = at_once(back, back)

    assert sorted(release.number for release in ends) == [3, 4]
    assert len({release.snapshot_id for release in ends}) == 1
