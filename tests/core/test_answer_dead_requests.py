"""A process that dies between work and answer: the same key finishes it, once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F

from gitopshq.core.api import idempotency
from gitopshq.core.models import IdempotencyRecord, Notification
from tests.core import views
from tests.core.conftest import client_of
from tests.core.test_repeat_requests import post
from tests.dying import killed_at

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = IdempotencyRecord.ABANDONED_AFTER + timedelta(seconds=1)


def dying(name):
    """Kill a request where it comes to *name*."""
    return killed_at(idempotency._Claim, name)


def test_killed_after_the_commit_it_has_answered(api):
    with dying("end"):
        post(api)

    again, third = post(api), post(api)

    assert (again.status_code, again.json()["title"]) == (201, "hello")
    assert again.content == third.content
    assert Notification.objects.count() == 1
    assert views.NoteList.calls == 1


def test_killed_before_the_commit_it_has_done_nothing(api):
    with dying("_fields"):
        post(api)

    assert not Notification.objects.exists()
    assert post(api).status_code == 409
    records = IdempotencyRecord.objects
    records.update(created_at=F("created_at") - LONG_AGO)
    assert post(api).status_code == 201
    assert Notification.objects.count() == 1


def test_a_refusal_outlives_the_process_that_made_it(api):
    with dying("end_refused"):
        post(api, "frozen")

    assert post(api, "frozen").status_code == 423
    assert views.NoteList.calls == 1


def test_who_was_taken_over_leaves_nothing(api, monkeypatch):
    keep = idempotency._Claim._keep

    def keep_late(claim, fields):
        claim.record.created_at -= LONG_AGO
        keep(claim, fields)

    with monkeypatch.context() as slow:
        slow.setattr(idempotency._Claim, "_keep", keep_late)
        response = post(api)

    assert (response.status_code, response.json()["code"]) == (409, "concurrent_update")
    assert not Notification.objects.exists()
    assert IdempotencyRecord.objects.get().status is None


def test_of_two_at_once_one_works_and_the_other_is_told_so(api, dora, monkeypatch):
    """The second is told at once, though the first holds its locks."""
    begun, told = threading.Event(), threading.Event()
    answers = []
    keep = idempotency._Claim._keep

    def keep_slowly(claim, fields):
        begun.set()
        assert told.wait(20)
        keep(claim, fields)

    def send():
        try:
            answers.append(post(first).status_code)
        finally:
            connection.close()

    monkeypatch.setattr(idempotency._Claim, "_keep", keep_slowly)
    first = client_of(dora)
    # A token notes its first use.
    assert api.get("/api/v1/notes").status_code == 200
    thread = threading.Thread(target=send)
    thread.start()
    try:
        assert begun.wait(20)
        second = post(api)
    finally:
        told.set()
        thread.join()

    assert (second.status_code, second.json()["code"]) == (409, "concurrent_update")
    assert answers == [201]
    assert Notification.objects.count() == 1
