"""Searching everything one may view: what is found, by whom, and at what cost."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client

from environments import actions as environments
from environments.actions import VariablePlace
from environments.models import Edit, VariableScope
from environments.permissions import Role
from releases import resources
from releases.models import DeployedResource, DeployedState, Release
from releases.selectors.search import KINDS, Search, Words
from tests import make

MOST_QUERIES = 15
SECRET = "correct-horse-battery"


@pytest.fixture
def world(shop, dev, prod, edit, shipped, create):
    """A shop with something of every kind: R-1 is deployed in dev, R-2 waits."""
    make.workload(shop, "checkout", on=[dev])
    globex = make.tenant(shop, "globex")
    environments.update_tenant(globex, tags=["eu", "pilot"], actor=None)
    place = VariablePlace(shop, VariableScope.ENV, environment=prod.environment)
    environments.set_variable(place, key="TIMEOUT", value="hidden", actor=None)
    environments.set_variable(
        place, key="DB_PASSWORD", value=SECRET, secret=True, actor=None
    )
    first = shipped(dev, fast="1")
    edit(prod, name="patient")
    create(prod, content={"title": "A patient checkout"})
    return first


def found(person, text):
    """Return the answer as people see it: the titles of each group."""
    client = Client()
    client.force_login(person)
    answer = client.get("/search", {"q": text})
    assert answer.status_code == 200
    return {
        group.kind.code: [hit.title for hit in group.hits]
        for group in answer.context["groups"]
    }


def test_a_thing_of_every_kind_is_found(world, alice):
    """G10: by number, title, name, commit, kind; the nearest group comes first."""
    assert next(iter(found(alice, "#1").items())) == ("number", ["Change flags"])
    assert found(alice, "R-2") == {"number": ["A patient checkout"]}
    assert found(alice, "2")["number"] == ["A patient checkout"]
    assert next(iter(found(alice, "shop"))) == "projects"
    assert found(alice, "acme/prod")["targets"] == ["acme/prod"]
    assert found(alice, "glob")["tenants"] == ["globex"]
    assert found(alice, "PROD")["environments"] == ["prod"]
    assert found(alice, "checkout") == {
        "workloads": ["checkout"],
        "releases": ["A patient checkout"],
        "resources": ["configmap/checkout"],
    }
    assert found(alice, "checkout patient") == {"releases": ["A patient checkout"]}
    assert found(alice, "timeout") == {"variables": ["TIMEOUT"]}
    assert found(alice, world.commit_sha[:7].upper())["commits"]
    edit = Edit.objects.exclude(source_commit="").latest("pk")
    assert edit.source_commit[:12] in found(alice, edit.source_commit)["edits"]
    assert found(alice, "configmap/flags-fast") == {
        "resources": ["configmap/flags-fast"]
    }
    assert found(alice, "pilot")["tenants"] == ["globex"]
    assert "tenants" not in found(alice, '"')
    assert found(alice, "no such thing") == {}
    assert found(alice, "  \0 ") == {}


def test_values_are_never_searched_nor_shown(world, alice):
    client = Client()
    client.force_login(alice)

    page = client.get("/search", {"q": "DB_PASS"}).content.decode()

    assert found(alice, "DB_PASS") == {"variables": ["DB_PASSWORD"]}
    assert SECRET not in page
    assert found(alice, SECRET) == found(alice, "hidden") == {}


def test_what_one_may_not_view_does_not_exist(world, shop, dev, prod, stan):
    """S92: a grant on one environment finds that, and what reaches it."""
    paul = make.user("paul", role=Role.VIEWER, on=prod.environment)
    asked = ["1", "shop", "acme", "dev", "checkout", "e", world.commit_sha, "flags"]

    assert [found(stan, text) for text in asked] == [{}] * len(asked)
    assert found(paul, "R-1") == found(paul, world.commit_sha) == {}
    assert found(paul, "dev") == {}
    assert found(paul, "globex") == {}
    assert found(paul, "checkout") == {"releases": ["A patient checkout"]}
    assert found(paul, "configmap") == {}
    assert found(paul, "TIMEOUT") == {"variables": ["TIMEOUT"]}
    assert found(paul, "R-2") == {"number": ["A patient checkout"]}


def test_every_hit_leads_to_a_page_at_the_cost_of_few_queries(
    world, alice, django_assert_max_num_queries
):
    client = Client()
    client.force_login(alice)
    for text in ("e", "1", "abcdef1", world.commit_sha):
        with django_assert_max_num_queries(MOST_QUERIES):
            client.get("/search", {"q": text})
    texts = ["R-1", "shop", "acme", "prod", "checkout", "E", world.commit_sha, "flags"]
    edit = Edit.objects.exclude(source_commit="").latest("pk")

    urls = {
        hit.url
        for text in [*texts, edit.source_commit]
        for group in client.get("/search", {"q": text}).context["groups"]
        for hit in group.hits
    }

    assert len(urls) > len(texts)
    assert {client.get(url).status_code for url in urls} == {200}


def test_one_kind_is_paged_and_the_form_works_without_scripts(world, alice, shop):
    client = Client()
    client.force_login(alice)
    for number in range(8):
        make.tenant(shop, f"tenant-{number}")

    first = client.get("/search", {"q": "tenant"})
    more = re.search(r'href="(\?[^"]*in=tenants[^"]*)"', first.content.decode())
    page = client.get(f"/search{unescape(more[1])}&limit=5")
    rest = client.get(f"/search{unescape(more[1])}&cursor={page.context['next']}")

    assert len(first.context["groups"][0].hits) == 6
    assert len(page.context["hits"]) == 5
    assert len(rest.context["hits"]) == 3
    assert 'action="/search"' in first.content.decode()
    for kind in KINDS:
        assert client.get("/search", {"q": "1", "in": kind.code}).status_code == 200
        assert client.get("/search", {"q": "", "in": kind.code}).status_code == 200


def test_releases_are_found_by_indexes_alone(world, alice):
    """Titles are read from an index that holds them; a commit is looked up in one.

    What nobody vacuumed yet, PostgreSQL reads from the table.
    """
    words = {"releases": "checkout", "commits": "3fa9c1e", "edits": "3fa9c1e"}
    fill(world)
    plans = {
        code: plan_of(next(kind for kind in KINDS if kind.code == code), alice, text)
        for code, text in words.items()
    }

    if connection.vendor == "sqlite":
        assert "release_titles" in plans["releases"], plans["releases"]
    assert "release_commits" in plans["commits"], plans["commits"]
    assert "edit_commits" in plans["edits"], plans["edits"]


def fill(release):
    """Add enough releases and edits that an index is worth its while."""
    fields = {
        field.attname: getattr(release, field.attname)
        for field in Release._meta.concrete_fields
        if not field.primary_key
    }
    Release.objects.bulk_create(
        Release(**{**fields, "number": number, "title": f"Release {number}"})
        for number in range(10, 4_000)
    )
    Edit.objects.bulk_create(
        Edit(
            project=release.project,
            sequence=number,
            at=release.created_at,
            object_type="variable",
            message="An edit",
            source_commit=f"{number:040x}",
        )
        for number in range(1_000, 4_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan_of(kind, person, text):
    """Return how the database finds the rows of a group, in its own words."""
    search = Search(person, Words.of(text))
    rows = kind.find(search._seen, search._words)
    query = search._first(kind, rows).query
    sql, given = query.sql_with_params()
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}", given)
        return "\n".join(str(row) for row in cursor.fetchall())


def test_resources_follow_what_is_deployed(dev, shipped, edit):
    """A later deploy replaces the list; a lost list is made anew."""
    shipped(dev, fast="1")
    before = paths(dev)
    shipped(dev, fast="1", safe="1")

    assert before == ["flags/configmap-flags-fast.yaml"]
    assert paths(dev) == [*before, "flags/configmap-flags-safe.yaml"]

    DeployedResource.objects.all().delete()
    DeployedState.objects.update(listed_tree="")
    resources.catch_up()
    resources.catch_up()

    assert len(paths(dev)) == 2


def paths(target):
    rows = DeployedResource.objects.filter(target=target)
    return sorted(rows.values_list("path", flat=True))
