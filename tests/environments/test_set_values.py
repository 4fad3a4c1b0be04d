"""Saving values layers."""

import pytest

from environments import actions
from gitopshq.core.errors import NotFound, NotPermitted, ValidationError
from gitopshq.core.models import AuditEntry
from tests import make

URL = "/api/v1/projects/shop/workloads/api/values"


def put(client, text, query="", **headers):
    return client.put(
        f"{URL}{query}", text.encode(), content_type="text/yaml", headers=headers
    )


@pytest.fixture
def layers(prod):
    return {
        "base": {},
        "tenant": {"tenant": prod.tenant},
        "environment": {"environment": prod.environment},
        "target": {"tenant": prod.tenant, "environment": prod.environment},
    }


@pytest.mark.parametrize(
    ("layer", "path"),
    [
        ("base", "workloads/api/values.yaml"),
        ("tenant", "workloads/api/values.tenant.acme.yaml"),
        ("environment", "workloads/api/values.env.prod.yaml"),
        ("target", "targets/acme/prod/values/api.yaml"),
    ],
)
def test_each_layer_is_a_file_of_its_own(api_workload, layers, dana, layer, path):
    saved = actions.set_values(api_workload, text="a: 1", actor=dana, **layers[layer])

    assert (saved.layer, saved.text.body) == (layer, "a: 1\n")
    entry = AuditEntry.objects.get(event="values.changed")
    assert (entry.data["file"], entry.data["paths"]) == (path, ["/a"])


@pytest.mark.parametrize("layer", ["base", "tenant"])
def test_what_reaches_other_environments_needs_the_project(
    api_workload, layers, pia, layer
):
    with pytest.raises(NotPermitted, match=r"workloads\.manage"):
        actions.set_values(api_workload, text="a: 1", actor=pia, **layers[layer])


@pytest.mark.parametrize("layer", ["environment", "target"])
def test_what_reaches_one_environment_needs_that(api_workload, layers, dev, pia, layer):
    actions.set_values(api_workload, text="a: 1", actor=pia, **layers[layer])

    elsewhere = {"environment": dev.environment}
    with pytest.raises(NotPermitted):
        actions.set_values(api_workload, text="a: 1", actor=pia, **elsewhere)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2\n", 2),
        ("- a\n", 1),
        ("a: {{ hq.nothing }}\n", 1),
        ("a: [1\n", None),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: \x00\n", 1),
        ("a: 1\rb: 2\n", 1),
    ],
)
def test_what_breaks_a_rule_is_named_with_file_and_line(api_workload, dana, text, line):
    with pytest.raises(ValidationError) as refused:
        actions.set_values(api_workload, text=text, actor=dana)

    (error,) = refused.value.errors
    assert error.file == "workloads/api/values.yaml"
    assert error.line == line or line is None


def test_tenant_and_environment_must_be_a_target(shop, api_workload, dana):
    globex, prod = make.tenant(shop, "globex"), make.environment(shop, "prod")
    strange = make.tenant(make.project())

    with pytest.raises(NotFound):
        actions.set_values(
            api_workload, text="a: 1", tenant=globex, environment=prod, actor=dana
        )
    with pytest.raises(NotFound):
        actions.set_values(api_workload, text="a: 1", tenant=strange, actor=dana)


def test_the_api_takes_and_gives_texts(as_user, api_workload, dana):
    api = as_user(dana)

    saved = put(api, "# why\na: 1", "?tenant=acme&environment=prod&message=Because")

    assert saved.status_code == 200, saved.json()
    assert saved.json()["layer"] == "target"
    assert saved.json()["file"] == "targets/acme/prod/values/api.yaml"
    read = api.get(f"{URL}?tenant=acme&environment=prod")
    assert read["Content-Type"] == "text/yaml; charset=utf-8"
    assert read.content.decode() == "# why\na: 1\n"
    assert read["ETag"] == saved["ETag"]
    assert api.get(URL).content == b""


def test_the_api_heeds_the_version_that_was_meant(as_user, api_workload, dana):
    api = as_user(dana)
    first = put(api, "a: 1")

    assert put(api, "a: 2", **{"If-Match": first["ETag"]}).status_code == 200
    assert put(api, "a: 3", **{"If-Match": first["ETag"]}).status_code == 412
    assert api.get(URL).content == b"a: 2\n"


def test_the_api_names_the_line(as_user, api_workload, dana):
    answer = put(as_user(dana), "a: 1\na: 2\n")

    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["file"], error["line"]) == ("workloads/api/values.yaml", 2)


def test_the_api_hides_and_refuses(as_user, api_workload, olga, stan, pia):
    assert put(as_user(stan), "a: 1").status_code == 404
    assert as_user(stan).get(URL).status_code == 404
    assert put(as_user(olga), "a: 1").status_code == 403
    assert put(as_user(pia), "a: 1").status_code == 403
    assert put(as_user(pia), "a: 1", "?environment=prod").status_code == 200
    assert put(as_user(pia), "a: 1", "?environment=dev").status_code == 404
    assert as_user(olga).get(f"{URL}?environment=none").status_code == 404
    assert as_user(olga).get(f"{URL}?stage=prod").status_code == 422


def test_the_api_takes_yaml_and_nothing_else(as_user, api_workload, dana):
    answer = as_user(dana).put(URL, {"a": 1}, format="json")

    assert answer.status_code == 415
