"""Discarding a pending change from the page of its target: a link, a question, done."""

import re
from html import unescape

from environments import actions as environments
from environments.models import VariableScope
from releases.pending import pool_of
from tests import make
from tests.releases.pages.conftest import html, words_of

DEV = "/projects/shop/acme/dev"
LINK = re.compile(rf'href="({DEV}/discard/[0-9a-f]{{32}})"')


def offered(reader, user):
    """Return the links that a page offers, in their order."""
    return LINK.findall(unescape(html(reader.get(user, DEV))))


def test_it_is_asked_first_and_then_done(reader, dev, shipped, edit, alice):
    shipped(dev, fast="1", slow="1")
    edit(dev, fast="2", slow="2")
    first, second = offered(reader, alice)

    asked = reader.read(alice, first)

    assert "fast.yaml" in asked
    assert "Discard it" in asked
    assert len(pool_of(dev).rows) == 2
    assert reader.post(alice, first).url == DEV
    assert offered(reader, alice) == [second]


def test_what_reaches_further_is_not_offered(reader, dev, shipped, shop, do, alice):
    shipped(dev)
    place = environments.VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, place, key="A", value="1", actor=None)
    (row,) = pool_of(dev).rows

    page = reader.read(alice, f"{DEV}/discard/{row.change.id}")

    assert offered(reader, alice) == []
    assert "It reaches further than this target" in page
    assert "Discard it" not in page
    assert reader.post(alice, f"{DEV}/discard/{row.change.id}").status_code == 409


def test_values_of_a_service_are_offered_where_they_are_the_targets_own(
    reader, dev, shop, shipped, do, alice
):
    api = make.workload(shop, "api", on=[dev])
    shipped(dev)
    layer = {"tenant": dev.tenant, "environment": dev.environment}
    do(environments.set_values, api, text="a: 1\n", actor=None, **layer)
    do(environments.set_values, api, text="b: 1\n", actor=None)
    own = [row.change for row in pool_of(dev).rows if row.change.layer == "target"]

    assert offered(reader, alice) == [f"{DEV}/discard/{one.id}" for one in own]


def test_it_needs_the_right_to_edit(reader, dev, edit, alice, dora):
    edit(dev)
    (link,) = offered(reader, alice)

    assert offered(reader, dora) == []
    assert "This needs the permission workloads.manage" in reader.read(dora, link)
    assert reader.post(dora, link).status_code == 403


def test_what_an_open_release_has_is_told(reader, dev, edit, create, alice):
    edit(dev)
    (link,) = offered(reader, alice)
    create(dev)

    response = reader.get(alice, link)

    assert "It is in R-1: cancel that release first." in words_of(response)
    assert offered(reader, alice) == []


def test_what_is_not_pending_is_not_there(reader, dev, alice):
    assert reader.get(alice, f"{DEV}/discard/{'0' * 32}").status_code == 404
