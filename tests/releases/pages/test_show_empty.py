"""Lists without rows: they say what would be there, what to do, and where to read."""

import re

import pytest

from tests import make

EMPTY = re.compile(r'<div class="empty">(.*?)</div>', re.DOTALL)
SHOP = "/projects/shop"
BARE = [
    *("/", "/approvals", "/me/tokens", "/me/notifications", "/charts", "/search"),
    *(SHOP, f"{SHOP}/releases", f"{SHOP}/releases/new", f"{SHOP}/history"),
    *(f"{SHOP}/workloads", f"{SHOP}/variables", f"{SHOP}/settings/tenants"),
    *(f"{SHOP}/settings/environments", f"{SHOP}/settings/targets"),
    *(f"{SHOP}/repository", f"{SHOP}/repository/connect"),
]
"""Pages of a person who has done nothing, and of a project that holds nothing."""

NEW = [f"{SHOP}/acme/prod", f"{SHOP}/acme/prod/history"]
"""Pages of a target in which nothing ever was."""


def empties(reader, person, path):
    answer = reader.get(person, path)
    assert answer.status_code == 200, path
    return EMPTY.findall(answer.content.decode())


def test_each_says_what_it_is_and_leads_on(reader, mona, shop):
    """G10: a title, a sentence, at most one button, exactly one link to the help."""
    found = {path: empties(reader, mona, path) for path in BARE}
    make.target(shop)
    found |= {path: empties(reader, mona, path) for path in NEW}

    assert [path for path, states in found.items() if not states] == []
    for path, states in found.items():
        for state in states:
            assert state.count('href="/help/') == 1, (path, state)
            assert state.count("button--primary") <= 1, (path, state)
            assert state.count("<p") == 2, (path, state)


@pytest.mark.parametrize("path", ["/projects", "/search?q=quokka"])
def test_a_stranger_is_told_what_to_ask_for(reader, stan, path):
    [state] = empties(reader, stan, path)

    assert 'href="/help/' in state
    assert "Create a project" not in state
