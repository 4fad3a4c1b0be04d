"""No door without a row in the table, and no row without a door."""

from django.urls import resolve

from gitopshq import doors as rights
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
    **dict.fromkeys(("member", "staged", "change", "snapshot"), "a1"),
}


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


def test_what_a_form_needs_is_what_its_action_needs():
    for action in ACTIONS:
        for door in action.doors:
            route = resolve(door.url.format(**KEYS).split("?")[0])
            known = rights.needed_at(route.route)
            if not door.is_safe and known and action.needs:
                assert set(known) >= action.needs, door.name
