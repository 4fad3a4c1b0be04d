"""Who sees which page: members do, strangers find nothing, and it costs little."""

import pytest
from django.test import Client

from environments import actions
from environments.models import VariableScope
from tests import make
from tests.environments.pages.conftest import MOST_QUERIES

PAGES = [
    "/projects/shop/workloads",
    "/projects/shop/workloads/api",
    "/projects/shop/workloads/api/values",
    "/projects/shop/workloads/api/values?environment=prod",
    "/projects/shop/workloads/api/values?tenant=acme",
    "/projects/shop/workloads/api/values?tenant=acme&environment=prod",
    "/projects/shop/variables",
    "/projects/shop/variables?tenant=acme&environment=prod&service=api&key=REPLICAS",
    "/projects/shop/variables?key=REPLICAS&scope=repo",
    "/projects/shop/environments/prod/policy",
    "/projects/shop/acme/prod/kustomize/edge",
    "/projects/shop/acme/prod/manifests/flags",
    "/projects/shop/settings",
    "/projects/shop/settings/members",
    "/projects/shop/settings/tenants",
    "/projects/shop/settings/tenants?edit=acme",
    "/projects/shop/settings/environments",
    "/projects/shop/settings/targets?edit=acme/prod",
    "/charts",
]
ABSENT = [
    "/projects/other/workloads",
    "/projects/shop/workloads/nothing",
    "/projects/shop/workloads/api/values?environment=nowhere",
    "/projects/shop/workloads/api/values?tenant=acme&environment=later",
    "/projects/shop/variables?tenant=acme&environment=nowhere",
    "/projects/shop/environments/nowhere/policy",
    "/projects/shop/acme/nowhere/manifests/flags",
    "/projects/shop/settings/targets?edit=acme/nowhere",
]


@pytest.fixture
def full_shop(shop, dev, prod, api_workload):
    """One of everything there is to look at."""
    for place in (dev, prod):
        make.workload(shop, f"worker-{place.environment}", on=[place])
    text = "replicas: {{hq.var.REPLICAS}}\nimage:\n  tag: one\n"
    actions.set_values(api_workload, text=text, actor=None)
    files = {"kustomization.yaml": "resources: []\n"}
    actions.put_overlay(prod, name="edge", files=files, actor=None)
    flags = {"flags.yaml": "a: {{hq.var.FLAG}}\n"}
    actions.put_manifests(prod, name="flags", files=flags, actor=None)
    for number in range(20):
        place = actions.VariablePlace(shop, VariableScope.REPO)
        actions.set_variable(place, key=f"V{number}", value="1", actor=None)
    actions.set_variable(place, key="REPLICAS", value="1", actor=None)
    return shop


@pytest.mark.parametrize("url", PAGES)
def test_a_member_sees_it_for_few_queries(
    full_shop, mona, as_person, url, django_assert_max_num_queries
):
    client = as_person(mona)

    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get(url)

    assert answer.status_code == 200
    assert "<h1>" in answer.content.decode()


def test_an_onlooker_sees_it_and_why_they_may_not_act(full_shop, olga, read):
    """S89: whoever may view sees the act with the reason, not a hole."""
    pages = {url: read(olga, url) for url in PAGES}

    for url, page in pages.items():
        assert 'aria-disabled="true"' in page or "tenant=" in url or "values" in url
        assert "Needs the permission" in page, url


def test_a_stranger_finds_nothing(full_shop, stan, as_person):
    answers = {url: as_person(stan).get(url).status_code for url in PAGES}

    assert answers == dict.fromkeys(PAGES, 404)


def test_what_is_not_there_is_not_found(full_shop, mona, as_person):
    actions.create_environment(full_shop, slug="later", name="Later", actor=None)

    answers = {url: as_person(mona).get(url).status_code for url in ABSENT}

    assert answers == dict.fromkeys(ABSENT, 404)


def test_who_is_not_logged_in_is_asked_to(full_shop):
    answers = {url: Client().get(url) for url in PAGES}

    for url, answer in answers.items():
        assert answer.status_code == 302, url
        assert answer["Location"].startswith("/accounts/login/"), url


def test_who_views_one_environment_sees_that_one_alone(full_shop, pia, as_person, read):
    page = read(pia, "/projects/shop/workloads")
    assert "worker-prod" in page
    assert "worker-dev" not in page

    client = as_person(pia)
    assert client.get("/projects/shop/environments/dev/policy").status_code == 404
    assert client.get("/projects/shop/workloads/worker-dev").status_code == 404
    assert "acme / dev" not in read(pia, "/projects/shop/workloads/api")
    assert ">dev<" not in read(pia, "/projects/shop/settings/environments")
