"""A release has one shape, in lists as by itself, and a list takes few queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from approvals.models import ApprovalDecision, ApprovalRequest
from approvals.subjects import request_for
from releases import actions
from releases.locking import fresh
from releases.models import Release
from tests.people import signed_in

URL = "/api/v1/projects/shop/releases"
PAGE = "/projects/shop/releases"


@pytest.fixture
def in_all_states(dev, prod, shipped, approved, edit, create, alice, do):
    """Deployed, cancelled, a draft; approved once, and waiting."""
    shipped(dev)
    edit(dev, fast="2")
    do(actions.cancel_release, create(dev), actor=alice, reason="no")
    create(dev)
    done = approved(prod)
    do(actions.cancel_release, fresh(done.pk), actor=alice, reason="again")
    done = approved(prod)
    edit(prod, "more", actor=alice)
    create(prod)
    return done


@pytest.mark.parametrize("who", ["alice", "bob", "dora"])
def test_a_list_shows_each_release_as_it_shows_itself(in_all_states, request, who):
    """S115: votes and allowed actions stand in lists too."""
    client = signed_in(request.getfixturevalue(who))

    rows = client.get(URL).json()["items"]

    alone = [client.get(f"{URL}/{row['number']}").json() for row in rows]
    assert [row["state"] for row in rows] == [
        *("pending_approval", "approved", "cancelled"),
        *("draft", "cancelled", "deployed"),
    ]
    assert rows == alone
    assert rows[1]["approvals"]["votes"][0]["approver"] == "bob"
    assert all(row["allowedActions"] for row in rows if row["state"] == "draft")


def test_a_long_list_takes_as_many_queries_as_a_short_one(in_all_states, dora):
    client = signed_in(dora)
    start = timezone.now() + timedelta(hours=1)
    end = start + timedelta(hours=1)
    planned = {"planned_start": start, "planned_end": end}
    Release.objects.filter(pk=in_all_states.pk).update(**planned)
    client.get(URL)
    few, few_of_page = queries_of(client), queries_of(client, PAGE)

    for number in range(100, 130):
        copy_of(in_all_states, number)

    assert len(client.get(f"{URL}?limit=200").json()["items"]) == 36
    assert queries_of(client) == few
    assert queries_of(client, PAGE) == few_of_page
    assert few <= 40
    assert queries_of(client, f"{PAGE}/{in_all_states.number}") <= few


def queries_of(client, url=URL):
    """Count queries, none of which reads what renderings were made of."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(f"{url}?limit=200").status_code == 200
    assert not [query for query in found if "state_document" in query["sql"]]
    return len(found)


def copy_of(release, number):
    """Copy an approved release with its request and its vote."""
    request = request_for(release)
    copy = Release.objects.get(pk=release.pk)
    copy.pk, copy.number = None, number
    copy.save()
    asked = ApprovalRequest.objects.get(pk=request.pk)
    asked.pk, asked.subject_id = None, copy.pk
    asked.save()
    for vote in ApprovalDecision.objects.filter(request=request):
        vote.pk, vote.request = None, asked
        vote.save()
