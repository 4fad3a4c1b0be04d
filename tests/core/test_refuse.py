"""Every refusal has one form at each door, the same status, and the same words."""

import pytest
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from gitopshq.core import http, refusals
from gitopshq.core.models import AuditEntry
from tests.core import views

PROBLEM = "application/problem+json"


def test_a_refusal_is_a_problem_document(api):
    response = api.get("/api/v1/failing/frozen", headers={"X-Request-Id": "abcdefgh"})

    assert (response.status_code, response["Content-Type"]) == (423, PROBLEM)
    assert response.json() == {
        "type": "/api/v1/docs#tests_frozen",
        "title": "Tests frozen",
        "status": 423,
        "detail": "frozen until noon",
        "code": "tests_frozen",
        "requestId": "abcdefgh",
        "details": {"untilWhen": "noon", "reason": "holiday"},
    }


def test_an_error_in_a_text_names_its_file_and_line(api):
    problem = api.get("/api/v1/failing/wrong").json()

    assert problem["status"] == 422
    assert problem["errors"] == [
        {
            "pointer": "/files/a~1b",
            "code": "bad",
            "detail": "no map",
            "file": "a/b",
            "line": 3,
        }
    ]
    assert "details" not in problem


@pytest.mark.parametrize(
    ("method", "path", "body", "kind", "status", "code"),
    [
        ("get", "/api/v1/nowhere", "", "", 404, "not_found"),
        ("get", "/api/nowhere/at/all", "", "", 404, "not_found"),
        ("get", "/api/v1/notes/999", "", "", 404, "not_found"),
        ("put", "/api/v1/notes", "{}", "application/json", 405, "method_not_allowed"),
        ("options", "/api/v1/notes", "", "", 405, "method_not_allowed"),
        ("post", "/api/v1/notes", "{", "application/json", 400, "parse_error"),
        ("post", "/api/v1/notes", "a=1", "text/x-odd", 415, "unsupported_media_type"),
    ],
)
def test_what_the_frameworks_refuse_is_a_problem_too(
    api, method, path, body, kind, status, code
):
    response = api.generic(method.upper(), path, body, content_type=kind)

    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    assert response.json()["code"] == code
    assert response.json()["status"] == status


def test_an_answer_of_another_kind_is_not_acceptable(api):
    response = api.get("/api/v1/notes", HTTP_ACCEPT="text/x-odd")

    assert (response.status_code, response.json()["code"]) == (406, "not_acceptable")


def test_a_method_that_is_not_allowed_says_which_are(api):
    assert api.put("/api/v1/notes")["Allow"] == "GET, HEAD, POST"


def test_whoever_calls_too_often_is_told_when_to_come_back(api, settings):
    settings.API_CALLS_PER_MINUTE = 2

    answers = [api.get("/api/v1/whoami") for _ in range(6)]

    # Six calls cannot spread over more than two of the minutes that are counted.
    assert {answer.status_code for answer in answers} == {200, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "throttled"
    assert 1 <= int(refused["Retry-After"]) <= 61


def test_a_bug_is_a_problem_without_its_words(api):
    response = api.get("/api/v1/failing/crash")

    assert (response.status_code, response["Content-Type"]) == (500, PROBLEM)
    assert response.json()["code"] == "internal_error"
    assert "canary" not in response.content.decode()


def test_a_rule_of_the_database_that_is_broken_is_a_bug(api):
    assert api.get("/api/v1/failing/broken-rule").status_code == 500


def test_whoever_was_faster_is_a_conflict(api):
    response = api.get("/api/v1/failing/duplicate")

    assert (response.status_code, response.json()["code"]) == (409, "concurrent_update")


def test_a_lost_lock_is_tried_three_times(api):
    assert api.get("/api/v1/failing/locked").json() == {"tries": 3}


def test_a_lock_that_stays_lost_is_a_conflict(api):
    response = api.get("/api/v1/failing/always-locked")

    assert (response.status_code, response.json()["code"]) == (409, "concurrent_update")
    assert views.tried == {"times": 3}


def test_a_body_over_the_limit_of_its_path_is_too_large(api):
    response = api.post("/api/v1/failing/crash", {"text": "x" * 200}, format="json")

    assert (response.status_code, response.json()["code"]) == (413, "too_large")


def test_a_body_over_the_limit_of_all_is_too_large_at_both_doors(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 150

    over = api.post("/api/v1/notes", {"title": "x" * 200}, format="json")
    page = Client().post("/page/nothing", {"text": "x" * 200})

    assert (over.status_code, page.status_code) == (413, 413)
    assert over.json()["code"] == "too_large"


@pytest.mark.parametrize(
    ("how", "status"), [("frozen", 423), ("lacking", 403), ("missing", 409)]
)
def test_a_refused_attempt_is_an_entry_and_what_it_did_is_not(api, dora, how, status):
    response = api.post(f"/api/v1/failing/{how}", format="json")

    assert response.status_code == status
    [entry] = AuditEntry.objects.filter(project="shop")
    assert (entry.event, entry.actor) == ("release.deploy_refused", dora)
    assert entry.data == {
        "code": response.json()["code"],
        "detail": response.json()["detail"],
        "caller": {"address": "127.0.0.1", "token": entry.data["caller"]["token"]},
    }
    assert entry.data["caller"]["token"].startswith("gohq_")
    assert not AuditEntry.objects.filter(event="tests.undone").exists()


@pytest.mark.parametrize("how", ["wrong", "duplicate-free"])
def test_other_answers_are_no_entries(api, how):
    api.post(f"/api/v1/failing/{how}", format="json")

    assert not AuditEntry.objects.filter(project="shop").exists()


def test_a_page_shows_a_refusal_in_the_same_words(small_api, dora):
    client = Client()
    client.force_login(dora)

    response = client.get("/page/frozen")

    assert response.status_code == 423
    assert b"rozen until noon" in response.content
    assert b"tests_frozen" in response.content
    assert b"<h1>" in response.content
    assert AuditEntry.objects.get(project="shop").event == "release.deploy_refused"


@pytest.mark.parametrize(
    ("came_from", "leads_back"),
    [
        ("http://testserver/projects/shop?show=late", True),
        ("http://testserver.evil.example/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_a_refusal_leads_back_to_where_it_was_met(
    small_api, dora, came_from, leads_back
):
    client = Client(headers={"Referer": came_from})
    client.force_login(dora)

    page = client.get("/page/frozen").content.decode()

    assert (">Back</a>" in page) == leads_back
    assert not came_from or (f'href="{came_from}"' in page) == leads_back


def test_htmx_gets_a_flash(small_api, dora):
    client = Client()
    client.force_login(dora)

    response = client.get("/page/missing", headers={"HX-Request": "true"})

    assert response.status_code == 409
    assert response["HX-Retarget"] == "#flash"
    assert response["HX-Reswap"] == "innerHTML"
    assert b"<html" not in response.content
    assert b"1/2" in response.content


def test_a_boosted_link_gets_the_whole_page(small_api, dora):
    client = Client()
    client.force_login(dora)
    headers = {"HX-Request": "true", "HX-Boosted": "true"}

    response = client.get("/page/missing", headers=headers)

    assert b"<html" in response.content
    assert "HX-Retarget" not in response


def test_a_page_is_tried_again_after_a_lost_lock(small_api, db):
    assert Client().get("/page/locked").content == b"tries: 3"


def test_a_page_that_stays_locked_is_a_conflict(small_api, db):
    assert Client().get("/page/always-locked").status_code == 409


def test_a_bug_in_a_page_stays_a_bug(small_api, db):
    response = Client(raise_request_exception=False).get("/page/crash")

    assert response.status_code == 500
    assert b"canary" not in response.content


def test_an_unknown_path_of_the_api_is_absent_for_posts_too(small_api, db):
    response = Client(enforce_csrf_checks=True).post("/api/v1/nowhere")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_an_unknown_page_is_a_page(small_api, db):
    response = Client().get("/no/such/page")

    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/api/v1/failing/a%00b", "/failing/a%00b"])
def test_a_path_that_nothing_can_have_asks_nobody(small_api, db, path):
    """PostgreSQL refuses to look for such a name."""
    answered = Client().get(path)

    assert answered.status_code == 404
    assert (answered["Content-Type"] == PROBLEM) == path.startswith("/api/")


def test_an_unreadable_length_is_none():
    request = RequestFactory().get("/", CONTENT_LENGTH="many")

    assert http.too_large(request, 1) is None


def test_nobody_in_particular_may_be_refused_without_a_trace(small_api, db):
    response = APIClient().post("/api/v1/failing/frozen")

    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert not AuditEntry.objects.exists()


def test_an_attempt_is_recorded_once(dora):
    request = RequestFactory().post("/")
    refusals.attempting(request, "release.deploy", dora, project="shop")
    said = {"actor": dora, "status": 423, "code": "frozen", "detail": "frozen"}

    refusals.record(request, **said)
    refusals.record(request, **said)

    assert AuditEntry.objects.filter(project="shop").count() == 1
