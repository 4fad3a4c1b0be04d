"""Loading the demo from inside the product, on an empty installation alone."""

import time

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from environments.models import Project
from environments.permissions import Role
from gitopshq.core import audit
from gitopshq.core.models import AuditEntry, User
from gitopshq.demo import journey, loading, story
from gitopshq.demo.tasks import load
from releases.errors import NoChanges
from tests import make

pytestmark = pytest.mark.django_db
NAMES = {"alice", "bob", "carol", "dave"}


@pytest.fixture(autouse=True)
def _folder(own_repositories):
    """Write nothing into the folder of other tests."""


@pytest.fixture
def root():
    return make.user("ops", is_superuser=True)


def press(person):
    client = Client()
    client.force_login(person)
    page = client.get("/").content.decode()
    return "Load the demo" in page, client.post("/demo").status_code


@pytest.fixture
def told(monkeypatch):
    """Stand for the story: it goes on where it stopped, three times."""
    calls = []

    def tell(desired, them):
        calls.append(them)
        if len(calls) < 3:
            journey._wait(lambda: False, "3 renderings")

    monkeypatch.setattr(story, "tell", tell)
    return calls


def test_an_operator_loads_it_and_nobody_can_log_in(
    root, told, django_capture_on_commit_callbacks
):
    """D4: people without passwords, the operator in the part of root, on the record."""
    with django_capture_on_commit_callbacks(execute=True):
        assert press(root) == (True, 302)

    people = User.objects.exclude(pk=root.pk)
    assert {person.username for person in people} == NAMES
    assert not any(person.has_usable_password() for person in people)
    assert not any(person.is_superuser or person.email for person in people)
    assert len(told) == 3
    assert {them.root for them in told} == {root}
    entries = AuditEntry.objects.filter(event__startswith="demo.").order_by("pk")
    assert [(entry.event, entry.actor) for entry in entries] == [
        ("demo.requested", root),
        ("demo.loaded", None),
    ]
    assert Project.objects.get().slug == "shop"
    assert press(root) == (False, 404)


def test_it_is_for_operators_of_an_empty_installation(root):
    assert press(make.user("stan")) == (False, 404)

    make.user("bob")
    assert press(root) == (True, 409)
    assert not Project.objects.exists()

    mart = make.project("mart")
    assert press(make.user("mona", role=Role.MAINTAINER, on=mart)) == (False, 404)
    assert press(root) == (False, 404)


@pytest.fixture
def asked(root):
    """The installation as it is while the story is told."""
    make.project("shop")
    for name in NAMES:
        make.user(name)
    audit.record(loading.REQUESTED, root, actor=root)


def ends():
    rows = AuditEntry.objects.filter(event__in=(loading.LOADED, loading.FAILED))
    return [(row.event, row.data.get("why")) for row in rows]


def telling(monkeypatch, error):
    def tell(desired, them):
        raise error

    monkeypatch.setattr(story, "tell", tell)


def test_it_is_given_up_in_time(asked, monkeypatch):
    telling(monkeypatch, journey.NotYet("3 renderings"))

    loading.tell_on(until=time.time() - 1)

    assert ends() == [("demo.failed", "workers took too long")]


@pytest.mark.parametrize(
    "error", [journey.CannotGoOn("a rendering failed"), NoChanges()]
)
def test_what_stops_it_is_on_record(asked, monkeypatch, error):
    telling(monkeypatch, error)

    loading.tell_on(until=time.time() + 60)

    assert ends() == [("demo.failed", str(error))]


def test_a_bell_that_is_lost_ends_it_on_record(asked, monkeypatch):
    """There is no row of a job: nobody would ring again."""
    telling(monkeypatch, journey.NotYet("3 renderings"))

    def lost(**_):
        raise OperationalError

    monkeypatch.setattr(load, "apply_async", lost)

    loading.tell_on(until=time.time() + 60)

    assert ends() == [("demo.failed", "the broker did not answer")]


def test_what_is_told_is_not_told_again(asked, monkeypatch):
    """A message may come twice, and after a worker was lost between two steps."""
    telling(monkeypatch, AssertionError("told again"))
    monkeypatch.setattr(story, "is_told", lambda desired: True)

    loading.tell_on(until=time.time() + 60)
    loading.tell_on(until=time.time() + 60)

    assert ends() == [("demo.loaded", None)]
