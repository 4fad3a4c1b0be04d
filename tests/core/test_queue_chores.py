"""What edits ring for by the thousand, and a deploy that somebody waits for."""

import kombu
import pytest
from celery import current_app

from gitopshq.celery import app
from gitopshq.queues import CHORES, JOBS, QUEUES
from gitopshq.supervisor import services

EDITS = 300
DEPLOY = "releases.run_deployment"
RUNG_BY_EDITS = (
    "delivery.mirror_source",
    "releases.refresh_counters",
    "releases.reopen_lapsed",
)


@pytest.mark.broker
def test_a_deploy_does_not_wait_behind_the_chores_of_edits(broker_url, monkeypatch):
    """S73: a worker for jobs is given it at once, one that takes both soon."""
    monkeypatch.setattr(app.conf, "task_always_eager", False)
    with app.connection(broker_url) as line:
        for name in RUNG_BY_EDITS * EDITS:
            app.send_task(name, connection=line)
        app.send_task(DEPLOY, connection=line)
        app.send_task(DEPLOY, connection=line)

        at_once = first_of(line, 1, [JOBS])
        soon = first_of(line, 3, QUEUES)

    assert at_once == [DEPLOY]
    assert DEPLOY in soon
    assert set(soon) - {DEPLOY} <= set(RUNG_BY_EDITS)


def test_whatever_is_a_chore_is_a_task():
    """Nothing is routed by a name that nobody has."""
    app.loader.import_default_modules()

    assert set(app.conf.task_routes) <= set(current_app.tasks)


def test_each_queue_has_workers_of_its_own():
    """S73: a chore of minutes holds none of those that deploy, and both are served."""
    served = {
        spec.name: set(spec.command[spec.command.index("--queues") + 1].split(","))
        for spec in (services.worker(), services.chores())
    }

    assert served == {"worker": {JOBS}, "chores": {CHORES}}
    assert set(app.amqp.queues.consume_from) == set.union(*served.values())


def first_of(line, number, names):
    """Return the first tasks that a worker of these queues is given, one at a time."""
    taken = []

    def take(body, message):
        taken.append(message.headers["task"])
        message.ack()

    queues = [app.amqp.queues[name] for name in names]
    with kombu.Consumer(line.channel(), queues, callbacks=[take], prefetch_count=1):
        while len(taken) < number:
            line.drain_events(timeout=10)
    return taken
