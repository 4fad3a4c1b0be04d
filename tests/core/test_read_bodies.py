"""Bodies are read strictly: nothing is ignored, nothing is guessed."""

import json

import pytest
from django.utils import timezone

GOOD = {"title": "hello"}


def refusals(response):
    assert response.status_code == 422, response.content
    assert response.json()["code"] == "validation_error"
    return {wrong["pointer"]: wrong["code"] for wrong in response.json()["errors"]}


def post(api, body):
    return api.post("/api/v1/notes", body, format="json")


def test_a_good_body_comes_back_in_camel_case(api):
    response = post(api, {**GOOD, "isLoud": True, "policySnapshotJson": {"a_b": [1]}})

    assert response.status_code == 201
    assert set(response.json()) == {"id", "title", "createdAt", "readAt"}
    assert response.json()["createdAt"].endswith("Z")


def test_times_are_in_utc_whatever_the_zone_of_the_reader(api):
    with timezone.override("Asia/Tokyo"):
        assert post(api, GOOD).json()["createdAt"].endswith("Z")


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"colour": 1}, {"/colour": "unknown"}),
        ({"is_loud": True}, {"/is_loud": "unknown"}),
        ({"a/b~c": 1}, {"/a~1b~0c": "unknown"}),
        ({"madeBy": "me"}, {"/madeBy": "read_only"}),
        ({"isLoud": "true"}, {"/isLoud": "type"}),
        ({"isLoud": 1}, {"/isLoud": "type"}),
        ({"title": 5}, {"/title": "type"}),
        ({"title": None}, {"/title": "null"}),
        ({"title": ""}, {"/title": "blank"}),
        ({"title": "x" * 51}, {"/title": "max_length"}),
        ({"title": "a\x00b"}, None),
        ({"lineItems": {}}, {"/lineItems": "not_a_list"}),
        ({"lineItems": [3]}, {"/lineItems/0": "invalid"}),
        (
            {"firstItem": {"filePath": "a", "lineCount": "1"}},
            {"/firstItem/lineCount": "type"},
        ),
        (
            {"firstItem": {"filePath": "a", "lineCount": 10**30}},
            {"/firstItem/lineCount": "max_value"},
        ),
        (
            {"firstItem": {"filePath": "a", "lineCount": True}},
            {"/firstItem/lineCount": "type"},
        ),
        (
            {
                "lineItems": [
                    {"filePath": "a", "lineCount": 1},
                    {"filePath": "b", "file_path": "c"},
                ]
            },
            {"/lineItems/1/file_path": "unknown", "/lineItems/1/lineCount": "required"},
        ),
    ],
)
def test_each_wrong_field_is_pointed_at(api, extra, expected):
    response = post(api, {**GOOD, **extra})

    if expected is None:
        assert response.status_code in {400, 422}
    else:
        assert refusals(response) == expected


def test_every_wrong_field_is_named_at_once(api):
    response = post(api, {"isLoud": 3, "odd": 1})

    assert refusals(response) == {
        "/isLoud": "type",
        "/odd": "unknown",
        "/title": "required",
    }
    assert "(and 2 more)" in response.json()["detail"]


@pytest.mark.parametrize("body", [[], "text", 3, None, [GOOD]])
def test_a_body_that_is_no_object_is_refused(api, body):
    raw = json.dumps(body)
    response = api.generic("POST", "/api/v1/notes", raw, "application/json")

    assert response.status_code == 422


@pytest.mark.parametrize(
    "raw",
    [
        b'{"title": "a", "title": "b"}',
        b'{"title": NaN}',
        b'{"title": "a", "policySnapshotJson": 1e999}',
        b'{"title": "a", "policySnapshotJson": "\\u0000"}',
        b'{"title": "a", "policySnapshotJson": "\\ud800"}',
        b'{"title": "\xff"}',
        b'{"title": "a"} b',
        b'{"title": ' + b"1" * 5000 + b"}",
        b"[" * 100_000,
    ],
)
def test_what_is_no_plain_json_is_unreadable(api, raw):
    response = api.generic("POST", "/api/v1/notes", raw, "application/json")

    assert (response.status_code, response.json()["code"]) == (400, "parse_error")


def test_a_backslash_before_an_escape_is_only_a_backslash(api):
    response = post(api, {"title": "C:\\u0000 path"})

    assert response.json()["title"] == "C:\\u0000 path"


def test_an_unknown_parameter_is_refused(api):
    response = api.get("/api/v1/notes?titleLike=a&tilteLike=b")

    assert refusals(response) == {"/tilteLike": "unknown"}


def test_a_patch_reads_what_is_there(api):
    made = post(api, GOOD).json()

    response = api.patch(f"/api/v1/notes/{made['id']}", {"title": "x"}, format="json")
    wrong = api.patch(f"/api/v1/notes/{made['id']}", {"id": 7}, format="json")

    assert response.json() == {**made, "title": "x"}
    assert refusals(wrong) == {"/id": "unknown"}
