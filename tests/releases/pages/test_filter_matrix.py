"""The matrix by what one looks for: behind, drifted, pages, version skew in colours."""

import re

import pytest

from environments import actions
from environments.permissions import Role
from releases.models import DeployedState, SyncState
from tests import make
from tests.releases.pages.conftest import html, words_of

MATRIX = "/projects/shop"


@pytest.fixture
def stages(shop, dev):
    """Three open stages of acme; of one rank, they stand by name."""
    return [dev, *(make.target(shop, environment=s) for s in ("prod", "staging"))]


def colours(page):
    """Return the strength of colour of each compared cell."""
    return re.findall(r'<td role="cell" data-behind="(\d)">', html(page))


def test_skew_says_how_many_releases_behind_the_first_column(
    reader, stages, shipped, rolled_back, alice
):
    """In colour, in words, in a legend; what a rollback undid does not count."""
    dev, prod, staging = stages
    first = shipped(dev)
    shipped(prod)
    second = shipped(dev, fast="2")
    shipped(staging)
    shipped(dev, fast="3")

    page = reader.get(alice, f"{MATRIX}?skew=on")

    words = words_of(page)
    assert colours(page) == ["2", "1"]
    assert "1 behind Deployed" in words
    assert "2 behind Deployed" in words
    assert "Level with dev 1 behind 2 or 3 behind 4 or more" in words
    assert "Behind 2" in words
    assert "behind" not in words_of(reader.get(alice, MATRIX)).replace("Behind 2", "")
    rolled_back(second)
    assert colours(reader.get(alice, f"{MATRIX}?skew=on")) == ["1", "0"]
    rolled_back(first)
    page = reader.get(alice, f"{MATRIX}?skew=on&show=behind")
    assert "Nothing matches" in words_of(page)
    assert "Behind 0" in words_of(page)


def test_who_went_back_is_as_old_as_where_it_went(
    reader, stages, shipped, rolled_back, alice
):
    dev, _, staging = stages
    old = shipped(staging)
    shipped(dev)
    shipped(staging, fast="2")
    assert "Behind 0" in reader.read(alice, MATRIX)

    rolled_back(old)

    assert "Behind 1" in reader.read(alice, MATRIX)
    assert colours(reader.get(alice, f"{MATRIX}?skew=on&show=behind")) == ["1"]


def test_drift_is_known_only_where_a_cluster_reports(reader, dev, shipped, alice):
    shipped(dev)

    words = reader.read(alice, MATRIX)
    assert "No cluster has reported yet: drift is not known." in words
    assert "Drifted" not in words
    DeployedState.objects.update(sync_state=SyncState.OUT_OF_SYNC)
    words = reader.read(alice, f"{MATRIX}?show=drifted")

    assert "Drifted 1" in words
    assert "Out of sync" in words
    assert "drift is not known" not in words


def test_a_page_says_how_many_tenants_follow(reader, shop, alice):
    for number in range(53):
        make.tenant(shop, f"t{number:02}")

    first = reader.get(alice, f"{MATRIX}?tenant=t")
    last = reader.get(alice, f"{MATRIX}?tenant=t&after=t49")

    assert "3 more tenants" in words_of(first)
    assert "First tenants" not in words_of(first)
    assert "?tenant=t&amp;after=t49" in html(first)
    assert "First tenants" in words_of(last)
    assert "more tenant" not in words_of(last)


@pytest.fixture
def tagged(shop, stages):
    """Tag acme, and a tenant without a target; a third has no tag."""
    actions.update_tenant(stages[0].tenant, tags=["eu", "pilot"], actor=None)
    globex = make.target(shop, tenant="globex", environment="dev").tenant
    actions.update_tenant(globex, tags=["us"], actor=None)
    initech = make.tenant(shop, "initech")
    return actions.update_tenant(initech, tags=["eu-west", "eu"], actor=None)


def tenants_on(page):
    return re.findall(r'form="bulk" name="tenant" value="([^"]*)"', html(page))


def test_tenants_are_filtered_by_tag(reader, tagged, edit, stages, alice):
    """P2: with the other filters, in every link; the counts are of the tag alone."""
    edit(stages[0])

    everything = reader.get(alice, MATRIX)
    eu = reader.get(alice, f"{MATRIX}?tag=EU&skew=on&tenant=e")
    us = reader.get(alice, f"{MATRIX}?tag=us")
    pending = reader.get(alice, f"{MATRIX}?tag=eu&show=pending")

    assert tenants_on(everything) == ["acme", "globex", "initech"]
    assert "acme Tags: eu pilot" in words_of(everything)
    assert re.search(r"as of \d\d:\d\d:\d\d", words_of(everything)), "G6: of when"
    assert "Any tag eu (2) eu-west (1) pilot (1) us (1) Filter" in words_of(everything)
    assert "Pending 4" in words_of(everything)
    assert tenants_on(eu) == ["acme", "initech"]
    assert '<option value="eu" selected>' in html(eu)
    assert "?tag=EU&amp;skew=on&amp;tenant=e&amp;show=behind" in html(eu)
    assert tenants_on(us) == ["globex"]
    assert "Pending 1" in words_of(us)
    assert tenants_on(pending) == ["acme"]
    assert '<input type="hidden" name="show" value="pending">' in html(pending)


def test_a_tag_of_nobody_is_said(reader, tagged, alice):
    for wrong in ("e", "eu%22, %22pilot", "%25", "["):
        page = reader.get(alice, f"{MATRIX}?tag={wrong}")

        assert tenants_on(page) == [], wrong
        assert "No tenant with the tag" in words_of(page)
        assert "(0)" in words_of(page)


def test_tags_are_of_tenants_one_knows_of(reader, tagged, stages, alice):
    """S92: who sees one environment hears of no other tenant's tags."""
    paul = make.user("paul", role=Role.VIEWER, on=stages[1].environment)

    page = words_of(reader.get(paul, MATRIX))

    assert "Any tag eu (1) pilot (1) Filter" in page
    assert tenants_on(reader.get(paul, f"{MATRIX}?tag=us")) == []
