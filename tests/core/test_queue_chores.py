"""What edits ring for by the thousand, and a deploy that somebody waits for."""

import kombu
import pytest
from celery import current_app

from gitopshq.celery import CHORES, JOBS, app

EDITS = 300
DEPLOY = "releases.run_deployment"
RUNG_BY_EDITS = (
    "delivery.mirror_source",
    "releases.refresh_counters",
    "releases.reopen_lapsed",
)


@pytest.mark.broker
def test_a_deploy_does_not_wait_behind_the_chores_of_edits(broker_url, monkeypatch):
    """S73: a worker that takes from both queues comes to it within three messages."""
    monkeypatch.setattr(app.conf, "task_always_eager", False)
    with app.connection(broker_url) as line:
        for name in RUNG_BY_EDITS * EDITS:
            app.send_task(name, connection=line)
        app.send_task(DEPLOY, connection=line)

        taken = first_of(line, 3)

    assert DEPLOY in taken
    assert set(taken) - {DEPLOY} <= set(RUNG_BY_EDITS)


def test_whatever_is_a_chore_is_a_task():
    """Nothing is routed by a name that nobody has, and both queues are consumed."""
    app.loader.import_default_modules()

    assert set(app.conf.task_routes) <= set(current_app.tasks)
    assert set(app.amqp.queues.consume_from) == {JOBS, CHORES}


def first_of(line, number):
    """Return the names of the first tasks that a worker is given, one at a time."""
    taken = []

    def take(body, message):
        taken.append(message.headers["task"])
        message.ack()

    queues = app.amqp.queues.consume_from.values()
    with kombu.Consumer(line.channel(), queues, callbacks=[take], prefetch_count=1):
        while len(taken) < number:
            line.drain_events(timeout=10)
    return taken
