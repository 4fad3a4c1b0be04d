"""People are told once, see only what they were told, and say that they read it."""

import pytest
from django.test import Client

from gitopshq.core.models import Notification
from gitopshq.core.notifying import mark_all_read, notify
from tests import make
from tests.core.conftest import client_of

PATH = "/api/v1/notifications"


def test_each_active_person_is_told_once(dora, stan):
    gone = make.user("gone", is_active=False)

    notify(
        [dora, stan, dora, gone],
        "release.submitted",
        project="shop",
        title="x" * 300,
        url="/projects/shop/releases/1",
    )

    told = Notification.objects.order_by("recipient__username")
    assert [row.recipient for row in told] == [dora, stan]
    assert {len(row.title) for row in told} == {255}


def test_what_concerns_a_service_account_is_told_to_its_owner(dora):
    """S134: nobody reads the messages of a robot."""
    robot = make.service_account(of=dora)

    notify([robot, dora], "release.stale", project="shop", title="Stale: R-1")

    assert [row.recipient for row in Notification.objects.all()] == [dora]


@pytest.mark.django_db(transaction=True)
def test_telling_outside_a_transaction_is_a_bug():
    with pytest.raises(AssertionError):
        notify([], "release.submitted", project="shop", title="a")


def test_one_sees_ones_own_and_marks_it_read(dora, stan):
    mine = make.notification(dora, title="mine")
    theirs = make.notification(stan)
    client = Client()
    client.force_login(dora)

    before = client.get(f"{PATH}?unread=true").json()["items"]
    read = client.post(f"{PATH}/{mine.pk}/read").json()
    again = client.post(f"{PATH}/{mine.pk}/read").json()

    assert [item["title"] for item in before] == ["mine"]
    assert read["readAt"] is not None
    assert again == read
    assert client.get(f"{PATH}?unread=true").json()["items"] == []
    assert [item["id"] for item in client.get(PATH).json()["items"]] == [mine.pk]
    assert client.post(f"{PATH}/{theirs.pk}/read").status_code == 404
    assert Notification.objects.get(pk=theirs.pk).read_at is None


@pytest.mark.usefixtures("any_project")
def test_a_token_of_a_project_sees_that_project(dora):
    make.notification(dora, project="shop")
    make.notification(dora, project="bank")

    items = client_of(dora, project="shop").get(PATH).json()["items"]

    assert [item["project"] for item in items] == ["shop"]
    assert len(client_of(dora).get(f"{PATH}?project=bank").json()["items"]) == 1


def test_all_can_be_marked_read_at_once(dora, stan):
    for person in (dora, dora, stan):
        make.notification(person)

    assert mark_all_read(actor=dora) == 2
    assert Notification.objects.filter(read_at=None).count() == 1
