"""The gates panel says when the release can ship, on the reader's clock."""

from datetime import UTC, datetime

import pytest
import time_machine

from environments import actions as environments
from environments.permissions import Role
from tests import make

FRIDAY = datetime(2026, 6, 5, 17, tzinfo=UTC)
MONDAY = datetime(2026, 6, 8, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _friday():
    with time_machine.travel(FRIDAY, tick=False):
        yield


@pytest.fixture
def weekend(shop, mona, do):
    terms = environments.WindowTerms(
        starts_at=FRIDAY, ends_at=MONDAY, time_zone="UTC", reason="Weekend"
    )
    do(environments.add_freeze_window, shop, terms=terms, actor=mona)


def test_it_says_from_when_and_until_when(weekend, reader, gated, approved, dora):
    """S116, S122: "can ship from Mon 08:00, votes lapse Tue 17:00"."""
    release = approved(gated(approval_expiry_hours=96))
    url = release.get_absolute_url()

    said = reader.read(dora, url)
    dora.time_zone = "Europe/Berlin"
    dora.save(update_fields=["time_zone"])
    in_berlin = reader.read(dora, url)

    assert (
        "Can ship from Mon 8 Jun, 08:00 UTC; votes lapse Tue 9 Jun, 17:00 UTC." in said
    )
    assert (
        "Can ship from Mon 8 Jun, 10:00 CEST; votes lapse Tue 9 Jun, 19:00 CEST."
        in in_berlin
    )


def test_it_names_whom_it_waits_for(reader, prod, edit, create, bob, dora):
    edit(prod)
    content = {"planned_start": MONDAY}
    url = create(prod, content=content).get_absolute_url()

    said = reader.read(bob, url)

    assert "Can ship as soon as this is done: 1 approval: bob." in said
    assert "Planned from Mon 8 Jun, 08:00 UTC; that is no gate." in said


def test_all_gates_open_say_now(reader, prod, approved, dora):
    url = approved(prod).get_absolute_url()

    assert "Can ship now." in reader.read(dora, url)


def test_a_vote_short_during_a_freeze_says_when_it_would_help(
    weekend, reader, prod, edit, create, bob, dora
):
    edit(prod)
    url = create(prod).get_absolute_url()

    said = reader.read(bob, url)

    assert "Can ship from Mon 8 Jun, 08:00 UTC, once this is done: 1 approval" in said


def test_what_is_deployed_says_nothing_of_it(reader, prod, released, dora, shop):
    url = released(prod).get_absolute_url()
    viewer = make.user("vic", role=Role.VIEWER, on=shop)

    assert "an ship" not in reader.read(viewer, url)
