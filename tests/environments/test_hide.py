"""What one may not view answers as if it were not there: the doors, one by one."""

import pytest

from environments import actions, api_urls
from environments.actions import VariablePlace
from environments.models import VariableScope
from tests import make

P = "/api/v1/projects/shop"
DEV = f"{P}/targets/acme/dev"
OF_THE_PROJECT = [
    *("", "/members", "/tenants", "/tenants/acme", "/environments", "/targets"),
    *("/freeze-windows", "/workloads", "/workloads/api", "/workloads/api/values"),
    "/variables",
]
OF_DEV = [
    *(f"{P}/environments/dev", f"{P}/environments/dev/policy"),
    *(f"{P}/environments/dev/freeze", DEV, f"{DEV}/workloads"),
    *(f"{DEV}/workloads/api", f"{DEV}/kustomize", f"{DEV}/kustomize/patch"),
    *(f"{DEV}/manifests", f"{DEV}/manifests/extra", f"{DEV}/variables"),
    *(f"{DEV}/variables/KEY", f"{P}/workloads/api/values?environment=dev"),
    f"{P}/workloads/api/values?environment=dev&tenant=acme",
]


@pytest.fixture
def furnished(shop, dev, prod, api_workload):
    actions.bind_workload(api_workload, to=dev, actor=None)
    files = {"kustomization.yaml": "resources: []\n"}
    actions.put_overlay(dev, name="patch", files=files, actor=None)
    actions.put_manifests(dev, name="extra", files={"a.yaml": "a: 1\n"}, actor=None)
    actions.set_variable(
        VariablePlace(shop, VariableScope.REPO), key="KEY", value="1", actor=None
    )


@pytest.mark.parametrize("url", [*(f"{P}{path}" for path in OF_THE_PROJECT), *OF_DEV])
def test_a_door_opens_for_a_viewer_and_is_not_there_for_a_stranger(
    as_user, furnished, olga, stan, url
):
    assert as_user(olga).get(url).status_code == 200, url
    hidden = as_user(stan).get(url)
    nowhere = as_user(stan).get(url.replace("/shop", "/nothing"))

    assert hidden.status_code == nowhere.status_code == 404
    assert {**hidden.json(), "requestId": ""} == {**nowhere.json(), "requestId": ""}


@pytest.mark.parametrize("url", OF_DEV)
def test_one_environment_says_nothing_of_another(as_user, furnished, pia, url):
    assert as_user(pia).get(url).status_code == 404
    assert as_user(pia).get(url.replace("dev", "prod")).status_code in {200, 404}


def test_lists_hold_what_reaches_that_environment(as_user, furnished, shop, pia):
    make.target(shop, tenant="globex", environment="dev")
    api = as_user(pia)

    def listed(path, key):
        return [item[key] for item in api.get(f"{P}{path}").json()["items"]]

    assert listed("/environments", "slug") == ["prod"]
    assert listed("/tenants", "slug") == ["acme"]
    assert listed("/targets", "environment") == ["prod"]
    assert api.get(f"{P}/tenants/globex").status_code == 404


def test_nobody_enters_without_signing_in(furnished, client):
    for url in [f"{P}/variables", DEV, "/api/v1/charts"]:
        assert client.get(url).status_code == 401


def test_a_token_of_one_project_sees_no_other(furnished, mona):
    from tests.core.conftest import client_of  # noqa: PLC0415

    make.project("other")
    token = client_of(mona, scopes=["read"], project="other")

    assert token.get(P).status_code == 404
    assert token.get("/api/v1/projects").json()["items"] == []


def test_every_path_is_below_a_project_or_shared():
    routes = [str(route.pattern) for route in api_urls.api_urlpatterns]

    assert all(
        route.startswith("projects/<str:project>") or route in {"projects", "charts"}
        for route in routes
    )
