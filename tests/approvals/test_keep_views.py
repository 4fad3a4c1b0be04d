"""Filters of the inbox that somebody keeps under a name."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from approvals import actions
from approvals.models import SavedView
from gitopshq.core.models import AuditEntry

URL = "/approvals"
SAVE = reverse("approvals:save_view")


@pytest.fixture
def bobs(bob):
    client = Client()
    client.force_login(bob)
    return client


def page(client, query=""):
    return client.get(f"{URL}{query}").content.decode()


def test_filters_are_kept_under_a_name_and_found_again(subject, bobs, bob):
    """S79: saved views: one's own filters, one click away."""
    shown = f"stale=1&project=shop&show=all&item={subject.request.pk}&after=3"
    assert 'name="query" value="show=all&amp;project=shop&amp;stale=1"' in page(
        bobs, f"?{shown}"
    )

    answer = bobs.post(SAVE, {"name": " Old ones ", "query": shown})

    address = f"{URL}?show=all&project=shop&stale=1"
    assert (answer.status_code, answer.url) == (302, address)
    found = page(bobs, "?project=shop&stale=1&show=all")
    assert re.search(r'<a[^>]*aria-current="true">.*?Old ones</a>', found, re.DOTALL)
    assert "Keep these filters as" not in found
    assert address.replace("&", "&amp;") in page(bobs)
    entry = AuditEntry.objects.get(event="inbox_view.saved")
    assert (entry.actor, entry.object_label) == (bob, "Old ones")


def test_a_name_kept_twice_holds_the_later_filters(bobs, bob):
    for query in ("kind=release", "kind=promotion"):
        bobs.post(SAVE, {"name": "Mine", "query": query})

    assert SavedView.objects.get(owner=bob).query == "kind=promotion"


@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        ("", "stale=1", "this field is required"),
        ("All", "", "this is what the inbox starts with"),
        ("All", "item=4", "this is what the inbox starts with"),
        ("x" * 41, "stale=1", "ensure this value has at most 40 characters"),
        ("One more", "stale=1", "you keep 20 views: forget one first"),
    ],
)
def test_what_cannot_be_kept_says_why(bobs, bob, name, query, why):
    if name == "One more":
        SavedView.objects.bulk_create(
            SavedView(owner=bob, name=f"{number}", query="stale=1")
            for number in range(20)
        )

    answer = bobs.post(SAVE, {"name": name, "query": query}, follow=True)

    assert f"Not saved: {why}" in answer.content.decode()
    assert not SavedView.objects.filter(name=name).exists()


def test_a_view_is_forgotten_by_its_owner_alone(bobs, bob, cleo):
    mine = actions.save_view(actor=bob, name="Mine", query="stale=1")
    hers = actions.save_view(actor=cleo, name="Hers", query="stale=1")

    answer = bobs.post(
        reverse("approvals:forget_view", args=[mine.pk]), {"back": "stale=1"}
    )
    refused = bobs.post(reverse("approvals:forget_view", args=[hers.pk]))

    assert (answer.url, refused.status_code) == (f"{URL}?stale=1", 404)
    assert list(SavedView.objects.all()) == [hers]
    assert "Hers" not in page(bobs)
    assert AuditEntry.objects.filter(event="inbox_view.forgotten").count() == 1
