"""Projects: listed, created, and their matrix of tenants by environments."""

from datetime import UTC, datetime
from html import unescape

import pytest
from guardian.shortcuts import assign_perm

from environments import actions as environments
from environments.models import Project
from environments.permissions import CREATE_PROJECT, Permission, Role
from releases import counters
from tests import make
from tests.releases.pages.conftest import html, words_of


@pytest.fixture
def maya(shop):
    """Maintains the shop."""
    return make.user("maya", role=Role.MAINTAINER, on=shop)


def test_only_visible_projects_are_listed(reader, shop, alice, stan):
    assert "Shop" in reader.read(alice, "/projects")
    assert "Shop" not in reader.read(stan, "/projects")


def test_a_project_is_created_by_a_form(reader, stan):
    assign_perm(CREATE_PROJECT, stan)

    response = reader.post(stan, "/projects", {"name": "Bakery", "slug": "bakery"})

    assert response.status_code == 302
    assert response.url == "/projects/bakery"
    assert "Bakery" in reader.read(stan, "/projects/bakery")


def test_creating_needs_the_right(reader, stan):
    page = reader.read(stan, "/projects")
    response = reader.post(stan, "/projects", {"name": "Bakery", "slug": "bakery"})

    assert "Create a project" not in page
    assert response.status_code == 403
    assert "projects.create" in words_of(response)
    assert not Project.objects.exists()


def test_a_slug_that_is_none_is_refused_beside_its_field(reader, stan):
    assign_perm(CREATE_PROJECT, stan)

    response = reader.post(stan, "/projects", {"name": "Bakery", "slug": "No!"})

    assert response.status_code == 422
    assert "Use lower-case letters" in words_of(response)


def test_the_matrix_is_hidden_from_strangers(reader, shop, stan):
    assert reader.get(stan, "/projects/shop").status_code == 404


def test_a_cell_says_what_runs_and_what_is_on_its_way(
    reader, dev, prod, shipped, edit, create, alice
):
    """S28, S80: each target with its release, its way and its pending changes."""
    first = shipped(dev)
    edit(dev, fast="2")
    edit(prod)
    waiting = create(prod)
    counters.refresh_target(dev.pk)

    words = reader.read(alice, "/projects/shop")

    assert f"acme dev {first.name} {first.title} Deployed" in words
    assert "1 pending" in words
    assert f"Nothing deployed yet {waiting.name} Pending approval 0/1" in words


def test_a_frozen_environment_says_until_when(reader, dev, alice):
    """S108, S122: and by what, in the matrix and on the card."""
    until = datetime(2199, 12, 27, tzinfo=UTC)
    environments.freeze(dev.environment, reason="Holidays", until=until, actor=None)

    words = reader.read(alice, "/projects/shop")
    card = reader.read(alice, "/projects")

    assert "Frozen until Fri 27 Dec 2199, 00:00 UTC by “Holidays”" in words
    assert "Frozen until 27 Dec 2199, 00:00 UTC by “Holidays”" in card


def test_the_policy_stands_in_the_head_of_a_column(reader, prod, alice):
    """S48, S114: the approval rule is seen before anything is asked."""
    assert "prod 1 approval, not the author" in reader.read(alice, "/projects/shop")


@pytest.mark.parametrize(("show", "seen"), [("pending", "beta"), ("failed", "")])
def test_filters_leave_the_tenants_that_match(reader, shop, edit, alice, show, seen):
    make.target(shop, tenant="acme", environment="dev")
    busy = make.target(shop, tenant="beta", environment="dev")
    edit(busy)
    counters.refresh(project_id=shop.pk)
    for target in shop.targets.exclude(pk=busy.pk):
        shop.targets.filter(pk=target.pk).update(pending_count=0)

    words = reader.read(alice, f"/projects/shop?show={show}")

    assert "acme" not in words
    assert seen in words
    assert ("Nothing matches" in words) == (not seen)


def test_the_matrix_takes_as_many_queries_for_many_targets(
    reader, shop, prod, edit, create, maya, django_assert_max_num_queries
):
    for number in range(6):
        for stage in ("dev", "prod"):
            make.target(shop, tenant=f"t{number}", environment=stage)
    edit(prod)
    create(prod)
    reader.get(maya, "/projects/shop")

    # The session, the reader and the badges included; a search or a filter adds none.
    with django_assert_max_num_queries(12):
        reader.client.get("/projects/shop")


def test_pages_of_tenants_follow_each_other(reader, shop, alice):
    for number in range(52):
        make.tenant(shop, f"t{number:02}")

    first = reader.get(alice, "/projects/shop").content.decode()
    second = reader.read(alice, "/projects/shop?after=t49")

    assert "after=t49" in first
    assert "t51" not in first
    assert "t51" in second
    assert "t49" not in second


def test_an_empty_place_leads_to_the_form_that_fills_it(reader, shop, dev, maya, alice):
    make.tenant(shop, "globex")
    add = "/projects/shop/settings/targets?tenant=globex&environment=dev"

    assert unescape(html(reader.get(maya, "/projects/shop"))).count(f"{add}#form") == 1
    assert add not in unescape(html(reader.get(alice, "/projects/shop")))
    assert 'value="globex-dev"' in html(reader.get(maya, add))


def test_a_grant_on_one_environment_shows_one_column(reader, shop, dev, prod):
    olga = make.user("olga", may=[Permission.VIEW_RELEASE], on=dev.environment)

    words = reader.read(olga, "/projects/shop")

    assert "dev" in words
    assert "prod" not in words
