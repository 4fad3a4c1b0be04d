"""No door without a row in the table, and no row without a door."""

import pytest
from django.urls import resolve

from gitopshq.core.asking import SAFE
from tests.permissions import routes
from tests.permissions.table import ACTIONS

OPEN = {
    *("healthz", "readyz", "version", "metrics"),
    *("api/v1/schema", "api/v1/docs", "api/<path:rest>"),
}
"""Nobody's in particular: probes, the document, and what leads nowhere."""

OF_GIT = "git/"
"""Tried in a test of their own."""

ROWS = ("token", "message", "view", "entry", "window", "wide_window", "request")
SCOPED = tuple(f"{scope}_variable" for scope in ("repo", "env", "tenant", "svc"))
KEYS = {
    **dict.fromkeys((*ROWS, *SCOPED), 1),
    **dict.fromkeys(("member", "staged", "change", "snapshot", "commit"), "a1"),
}


@pytest.fixture(autouse=True)
def db() -> None:
    """Need no database: these look at the code."""


def ours():
    return {
        (method, route)
        for method, route in routes.doors()
        if route not in OPEN and not route.startswith(OF_GIT)
    }


def in_table():
    found = set()
    for action in ACTIONS:
        for door in action.doors:
            url = door.url.format(**KEYS).partition("?")[0]
            found.add((door.method, routes.route_of(url, resolve(url))))
    return found


def test_the_table_knows_every_door():
    assert sorted(ours() - in_table()) == []


def test_every_row_of_the_table_leads_to_a_door():
    assert sorted(in_table() - ours()) == []


def test_every_door_that_writes_asks_before_it_reads():
    """S93: a view that writes declares what it asks, on the page and in the API."""
    silent = {
        f"{method} {route}"
        for method, route, view in routes.views()
        if method not in SAFE and routes.question_of(view, method) is None
        if route not in OPEN and not route.startswith(OF_GIT)
    }

    assert silent == set()


def test_a_door_declares_what_the_table_says():
    """S93: the permissions of the table are those that the view asks for."""
    wrong = {}
    for action in ACTIONS:
        for door in action.doors:
            if door.is_safe:
                continue
            declared = routes.needs_of(door, KEYS)
            if declared != (door.asks or action.needs):
                wrong[door.name] = declared
    assert wrong == {}
