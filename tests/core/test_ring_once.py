"""Bells for chores: rung once until somebody hears, never lost for long."""

from unittest.mock import patch

import pytest
from kombu.exceptions import OperationalError

from gitopshq.celery import app
from gitopshq.core import ringing
from gitopshq.core.ringing import UNHEARD_FOR, heard, ring_once
from tests import make
from tests.core.test_queue_chores import RUNG_BY_EDITS

ONE, OTHER = 1, 2


class Chore:
    """A task; it counts how often the broker was given it, by project."""

    name = "tests.chore"

    def __init__(self):
        self.sent = []
        self.broker_is_there = True

    def apply_async(self, *, kwargs, countdown):
        if not self.broker_is_there:
            raise OperationalError
        self.sent.append(kwargs["project_id"])


@pytest.fixture
def chore():
    return Chore()


def test_many_edits_ring_once_for_each_project(chore):
    for project in (ONE, ONE, OTHER, ONE, OTHER):
        ring_once(chore, project_id=project)

    assert chore.sent == [ONE, OTHER]


def test_what_comes_after_a_worker_began_rings_again(chore):
    """It may have looked before: nothing that changes meanwhile is passed over."""
    ring_once(chore, project_id=ONE)
    heard(chore, project_id=ONE)

    ring_once(chore, project_id=ONE)

    assert chore.sent == [ONE, ONE]


def test_a_bell_that_nobody_took_is_rung_by_the_next(chore):
    chore.broker_is_there = False
    ring_once(chore, project_id=ONE)
    chore.broker_is_there = True

    ring_once(chore, project_id=ONE)

    assert chore.sent == [ONE]


def test_a_bell_that_was_lost_is_not_waited_for(chore, time_machine):
    """S73: the broker was flushed, or the worker that took it died."""
    time_machine.move_to("2026-11-02T10:00:00Z", tick=False)
    ring_once(chore, project_id=ONE)
    time_machine.shift(UNHEARD_FOR + 1)

    ring_once(chore, project_id=ONE)

    assert chore.sent == [ONE, ONE]


@pytest.mark.django_db
@pytest.mark.parametrize("name", RUNG_BY_EDITS)
def test_whoever_begins_a_chore_of_ours_has_heard_it(name, own_repositories):
    """Else the second edit of a project would wait until beat looks at it."""
    task = app.tasks[name]
    project = make.project()
    with patch.object(ringing, "ring"):
        ring_once(task, project_id=project.pk)

    task(project_id=project.pk)

    with patch.object(ringing, "ring") as rung:
        ring_once(task, project_id=project.pk)
    assert rung.call_count == 1
