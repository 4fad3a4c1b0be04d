"""The inbox page beyond its rows: a peek, and one decision on many requests."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import actions, selectors
from approvals.models import RequestState
from gitopshq.core.models import AuditEntry, Notification
from tests.approvals.conftest import SHOWN
from tests.approvals.test_serve_inbox import copies

URL = "/approvals"


@pytest.fixture
def browse():
    def client(user):
        made = Client()
        made.force_login(user)
        return made

    return client


def text(answer):
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def decide(client, decision, *items, comment="", **headers):
    return client.post(
        reverse("approvals:decide"),
        {"decision": decision, "item": items, "comment": comment, "back": "show=all"},
        headers=headers,
        follow=True,
    )


def box(request, digest=SHOWN):
    return f"{request.pk}@{digest}"


def states(subject):
    rows = type(subject.request).objects.order_by("pk")
    return list(rows.values_list("state", flat=True))


def test_each_is_decided_alone_and_reported(subject, bob, browse):
    """S81: "2 approved, 1 refused", and why."""
    subject.now(required=1)
    copies(subject.request, 1)
    other = type(subject.request).objects.latest("pk")
    other.decisions.all().delete()
    gone = box(subject.request).replace(str(subject.request.pk), "9999")

    answer = decide(browse(bob), "approve", box(subject.request, "b" * 64), gone)

    said = text(answer)
    assert "0 approved, 2 refused: R-7 More replicas: what was shown to you" in said
    assert states(subject) == ["pending", "pending"]
    entry = AuditEntry.objects.get(event="release.approve_refused")
    assert entry.data["code"] == "digest_mismatch"

    answer = decide(
        browse(bob), "approve", box(subject.request), "9999@x", comment="Seen."
    )
    assert "1 approved, 1 refused" in text(answer)
    assert states(subject)[0] == RequestState.APPROVED
    assert subject.request.decisions.get(voided_at=None).comment == "Seen."


def test_rejecting_many_needs_a_comment_and_keeps_the_ticks(subject, bob, browse):
    answer = decide(browse(bob), "reject", box(subject.request))

    assert answer.status_code == 400
    assert "To reject needs a comment" in text(answer)
    assert (
        f'value="{box(subject.request)}" aria-label="Select R-7 More replicas" che'
        in (answer.content.decode())
    )
    assert "1 rejected." in text(
        decide(browse(bob), "reject", box(subject.request), comment="Not now.")
    )
    assert subject.outcomes == [("refused", "Not now.")]


@pytest.mark.parametrize("items", [[], ["x@y"], ["-1@y"], ["9" * 40]])
def test_what_is_no_row_is_refused(subject, bob, browse, items):
    answer = decide(browse(bob), "approve", *items)

    assert answer.status_code == 400
    assert "Tick at least one request" in text(answer)


def test_a_stranger_decides_nothing(subject, stan, browse):
    answer = decide(browse(stan), "approve", box(subject.request))

    assert "0 approved, 1 refused" in text(answer)
    assert "R-7" not in text(answer)
    assert subject.request.state == RequestState.PENDING


def test_all_of_a_page_are_ticked_but_those_one_cannot_decide(
    subject, bob, olga, browse
):
    def ticked(person):
        page = browse(person).get(f"{URL}?show=all&ticked=all").content.decode()
        return re.findall(r'name="item" value="([^"]+)"[^>]* checked', page)

    assert ticked(bob) == [box(subject.request)]
    assert ticked(olga) == []


def test_a_peek_shows_notes_votes_and_who_is_missing(subject, bob, cleo, browse):
    """S54, S55, S102, S109, S115: the proof beside the list, and n of m live."""
    subject.now(
        shown={**subject.facts.shown, "notes": "Load test **passed**."},
        barred={cleo.pk: "edited a change in it"},
    )
    actions.approve(subject.request, actor=bob, digest=SHOWN, comment="Fine.")

    said = text(browse(bob).get(f"{URL}?item={subject.request.pk}"))

    for words in (
        "Load test passed .",
        "Approvals 1 of 2",
        "Fine.",
        "edited a change in it",
        "Too few approvers: 2 approvals are required, but only bob may approve here.",
        "You have voted on this already",
        "Withdraw my vote",
    ):
        assert words in said


def test_what_the_policy_denies_stands_on_the_row(subject, bob, browse):
    """S128: policy violations surface early."""
    denied = {**subject.facts.shown, "violations": ["no limits <on> memory"]}
    subject.now(shown=denied)

    page = browse(bob).get(URL)

    assert "Policy denies it: no limits &lt;on&gt; memory" in text(page)


def test_a_decided_request_can_be_looked_at(subject, bob, browse):
    actions.reject(subject.request, actor=bob, reason="Too dear.")

    said = text(browse(bob).get(f"{URL}?item={subject.request.pk}"))

    assert "Rejected" in said
    assert "Too dear." in said
    assert "cannot be approved in its current status" in said


@pytest.mark.parametrize("item", ["9999", "1"])
def test_a_stranger_peeks_at_nothing(subject, stan, browse, item):
    assert browse(stan).get(f"{URL}?item={item}").status_code == 404


def test_htmx_gets_the_part_it_asks_for_with_the_badge(subject, bob, browse):
    client, pk = browse(bob), subject.request.pk
    there = f"http://testserver{URL}?show=all&item={pk}"
    htmx = {"hx-request": "true", "hx-current-url": there}

    peek = client.get(f"{URL}?item={pk}", headers={**htmx, "hx-target": "peek"})
    assert peek.content.decode().lstrip().startswith("<aside")

    url = reverse("approvals:approve", args=[pk])
    body = {"digest": SHOWN, "back": ""}
    voted = client.post(url, body, headers={**htmx, "hx-target": "inbox"})
    page = voted.content.decode()
    assert "<html" not in page
    assert 'id="nav-waiting" hx-swap-oob="true"' in page
    assert "You approved R-7 More replicas." in page
    assert f'data-item="{pk}"' in page, "what was open stays open"
    assert re.search(r"data-selected>.* data-focus>", page, re.DOTALL)

    again = client.get(URL, headers={**htmx, "hx-history-restore-request": "true"})
    assert "<html" in again.content.decode()


def test_a_message_leads_to_the_peek_also_over_the_log_in(bob, subject):
    """A link in a mail opens the request, after the log-in too."""
    link = Notification.objects.get(recipient=bob).url
    assert link == f"{URL}?item={subject.request.pk}"
    bob.set_password("bob-has-one")
    bob.save()
    client = Client()

    asked = client.get(link)
    login = {"login": "bob", "password": "bob-has-one"}
    entered = client.post(asked.url, login)

    assert entered.url == link
    assert "R-7 More replicas" in text(client.get(entered.url))


def test_the_badge_is_the_number_of_rows_that_wait(subject, bob, browse):
    """S79: neither counts what one cannot approve."""
    copies(subject.request, 3)
    page = text(browse(bob).get(URL))

    assert "waiting for you: 4" in page
    assert "Waiting for me 4" in page
    assert selectors.waiting_for(bob).count() == 4


def test_a_long_page_takes_as_many_queries_as_a_short_one(subject, bob, browse):
    def queries():
        client = browse(bob)
        with CaptureQueriesContext(connection) as found:
            assert client.get(f"{URL}?limit=200&show=all").status_code == 200
        return len(found)

    queries()
    few = queries()
    copies(subject.request, 29)

    assert queries() == few <= 8
