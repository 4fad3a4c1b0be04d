"""Lists come in pages that neither repeat nor skip a row."""

import base64
import json

import pytest
from django.http import QueryDict

from gitopshq.core.api import lists
from gitopshq.core.models import Notification
from tests import make


def pages(api, query="", **headers):
    found = []
    cursor: str | None = ""
    while cursor is not None:
        mark = f"&cursor={cursor}" if cursor else ""
        body = api.get(f"/api/v1/notes?{query}{mark}", headers=headers).json()
        found.append([item["title"] for item in body["items"]])
        cursor = body["next"]
    return found


def test_a_short_list_has_no_next(api, dora, stan):
    make.notification(dora, title="a")
    make.notification(stan, title="not hers")

    body = api.get("/api/v1/notes").json()

    assert [item["title"] for item in body["items"]] == ["a"]
    assert body["next"] is None


def test_pages_hold_fifty_unless_said_otherwise(api, dora):
    for number in range(51):
        make.notification(dora, title=str(number))

    assert [len(page) for page in pages(api)] == [50, 1]
    assert [len(page) for page in pages(api, "limit=200")] == [51]
    assert pages(api, "limit=17")[0] == [str(n) for n in range(50, 33, -1)]


def test_the_newest_come_first_and_what_comes_meanwhile_moves_nothing(api, dora):
    for title in "abc":
        make.notification(dora, title=title)
    first = api.get("/api/v1/notes?limit=2").json()

    make.notification(dora, title="d")
    second = api.get(f"/api/v1/notes?limit=2&cursor={first['next']}").json()

    assert [item["title"] for item in first["items"]] == ["c", "b"]
    assert [item["title"] for item in second["items"]] == ["a"]


def test_equal_values_are_told_apart_by_key(api, dora):
    for title in "babab":
        make.notification(dora, title=title)

    headers = {"X-By-Title": "yes"}
    found = pages(api, "limit=2", **headers)

    assert found == [["a", "a"], ["b", "b"], ["b"]]


def test_microseconds_survive_in_a_cursor(dora):
    for title in "abc":
        make.notification(dora, title=title)
    rows = Notification.objects.all()
    order = ("-created_at", "-pk")

    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = QueryDict(f"limit=1&cursor={cursor}")
        page, cursor = lists.page_of(rows, query, order=order)
        found += [row.title for row in page]

    assert found == ["c", "b", "a"]


def test_a_related_field_may_order(dora, stan):
    for person in (stan, dora, stan):
        make.notification(person, title=person.username)

    rows = Notification.objects.select_related("recipient")
    order = ("recipient__username", "pk")
    first, cursor = lists.page_of(rows, QueryDict("limit=2"), order=order)
    rest, end = lists.page_of(rows, QueryDict(f"cursor={cursor}"), order=order)

    assert [row.title for row in [*first, *rest]] == ["dora", "stan", "stan"]
    assert end is None


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5", "٣", "9" * 99])
def test_a_limit_out_of_bounds_is_refused(api, limit):
    response = api.get("/api/v1/notes", {"limit": limit})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/limit"


def encoded(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "!!!!",
        encoded([]),
        encoded(5),
        encoded({"-pk": 1}),
        encoded(["-pk"]),
        encoded(["-pk", "x"]),
        encoded(["-pk", None]),
        encoded(["-pk", [1]]),
        encoded(["-pk", 10**30]),
        encoded(["-pk", 1, 2]),
        encoded(["title,-pk", "a", 1]),
        encoded(["-pk", "1'; DROP TABLE"]),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(api, cursor):
    response = api.get("/api/v1/notes", {"cursor": cursor})

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/cursor"
