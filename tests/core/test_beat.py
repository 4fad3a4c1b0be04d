"""What beat sends while nobody takes it."""

from gitopshq.celery import WAITS_FOR, app


def test_what_is_due_again_soon_does_not_pile_up():
    """S73: after an outage deploys do not queue behind what was due meanwhile."""
    waits = {
        name: row.get("options", {}).get("expires")
        for name, row in app.conf.beat_schedule.items()
    }

    assert waits["reap-deployments"] == waits["mirror-source"] == WAITS_FOR
    # The next one would come too late to stand in for these.
    assert waits["tidy-repositories"] is waits["check-repositories"] is None
