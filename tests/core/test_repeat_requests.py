"""A request sent twice with one key does its work once."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from gitopshq.core.api import idempotency
from gitopshq.core.models import AuditEntry, IdempotencyRecord, Notification
from tests import make
from tests.core import views
from tests.core.conftest import client_of


def post(api, title="hello", key="k-1", path="/api/v1/notes", **more):
    headers = {"Idempotency-Key": key}
    return api.post(path, {"title": title, **more}, format="json", headers=headers)


def test_the_same_request_gets_the_same_answer(api):
    first, second = post(api), post(api)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first["Content-Type"] == second["Content-Type"]
    assert first["ETag"] == second["ETag"]
    assert Notification.objects.count() == 1


def test_the_order_of_fields_is_no_difference(api):
    headers = {"Idempotency-Key": "k"}
    raw = ['{"title": "a", "isLoud": true}', '{"isLoud":true,"title":"a"}']

    answers = [
        api.generic("POST", "/api/v1/notes", body, "application/json", headers=headers)
        for body in raw
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert Notification.objects.count() == 1


def test_another_body_is_refused(api):
    post(api)

    response = post(api, title="other")

    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert Notification.objects.count() == 1


def test_another_query_is_another_request(api):
    post(api)

    assert post(api, path="/api/v1/notes?a=1").status_code == 422


def test_keys_belong_to_their_actor_and_path(api, stan):
    post(api)

    assert post(client_of(stan)).status_code == 201
    assert post(api, path="/api/v1/everywhere").status_code == 200
    assert Notification.objects.count() == 2


def test_without_a_key_each_request_counts(api):
    for _ in range(2):
        api.post("/api/v1/notes", {"title": "a"}, format="json")

    assert Notification.objects.count() == 2
    assert not IdempotencyRecord.objects.exists()


def test_a_key_is_kept_for_a_day(api, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    post(api)

    time_machine.move_to(start + timedelta(hours=23, minutes=59), tick=False)
    post(api)
    assert Notification.objects.count() == 1
    time_machine.move_to(start + timedelta(hours=24, minutes=1), tick=False)
    assert post(api, title="other").status_code == 201

    assert Notification.objects.count() == 2
    assert IdempotencyRecord.objects.count() == 1


def test_a_refusal_is_an_answer_and_is_recorded_once(api):
    first = post(api, title="frozen")
    second = post(api, title="frozen")

    assert (first.status_code, second.status_code) == (423, 423)
    assert first.json() == second.json()
    assert second["Content-Type"] == "application/problem+json"
    assert views.NoteList.calls == 1


def test_a_refused_attempt_sent_again_is_one_entry(api):
    for _ in range(2):
        headers = {"Idempotency-Key": "k"}
        response = api.post("/api/v1/failing/missing", headers=headers)
        assert response.status_code == 409

    assert AuditEntry.objects.filter(event="release.deploy_refused").count() == 1


@pytest.mark.parametrize("title", ["crash", ""])
def test_a_crash_and_a_wrong_shape_free_the_key(api, title):
    failed = post(api, title=title)

    assert failed.status_code in {500, 422}
    assert post(api, title="right").status_code == 201


def test_a_lost_lock_frees_the_key(api):
    headers = {"Idempotency-Key": "k"}

    response = api.post("/api/v1/failing/always-locked", headers=headers)

    assert response.status_code == 409
    assert not IdempotencyRecord.objects.exists()


def test_a_second_request_while_the_first_runs_is_a_conflict(api, dora):
    post(api)
    IdempotencyRecord.objects.update(status=None, body="")

    response = post(api)

    assert (response.status_code, response.json()["code"]) == (409, "concurrent_update")
    assert Notification.objects.count() == 1


def test_the_claim_of_a_process_that_died_is_taken_over(api, time_machine):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    post(api)
    IdempotencyRecord.objects.update(status=None, body="")

    time_machine.move_to(start + timedelta(minutes=6), tick=False)
    response = post(api)

    assert response.status_code == 201
    assert Notification.objects.count() == 2


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é"])
def test_a_key_is_short_and_visible(api, key):
    response = post(api, key=key)

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/Idempotency-Key"


def test_a_secret_is_answered_once_and_kept_nowhere(api):
    headers = {"Idempotency-Key": "k"}

    first = api.post("/api/v1/secret", headers=headers)
    second = api.post("/api/v1/secret", headers=headers)

    assert first.json() == {"id": 1, "token": "gohq_once"}
    assert second.json() == {"id": 1, "token": None}
    assert "gohq_once" not in IdempotencyRecord.objects.get().body


def test_short_secrets_in_a_body_cannot_be_guessed_from_its_digest(api, settings):
    post(api)
    before = IdempotencyRecord.objects.get().body_digest
    IdempotencyRecord.objects.all().delete()

    settings.SECRET_KEY = "another"
    post(api)

    assert IdempotencyRecord.objects.get().body_digest != before


def test_a_file_counts_by_its_content():
    def digest(content: bytes) -> object:
        file = SimpleUploadedFile("chart.tgz", content)
        parts = idempotency._parts([file, "text"])
        assert file.read() == content
        return parts

    assert digest(b"a") == digest(b"a")
    assert digest(b"a") != digest(b"b")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_works(small_api):
    """Eight equal requests at once do the work once."""
    dora = make.user("dora")
    _, secret = make.token(dora)
    start = threading.Barrier(8)
    answers = []

    def send() -> None:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        start.wait()
        try:
            answers.append(post(client))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    codes = [answer.status_code for answer in answers]
    assert len(codes) == 8
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert Notification.objects.count() == 1
