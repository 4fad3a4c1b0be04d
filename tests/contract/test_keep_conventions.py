"""The conventions of the wire contract: problems, lists, keys, versions, tokens."""

import json

from gitopshq.core.models import User
from tests import make
from tests.contract.conftest import SHOP
from tests.journeys.callers import program


def test_a_refusal_is_a_problem_document(empty_shop, root, staff):
    refused = root.post(f"{SHOP}/tenants", slug="Not A Slug", wat=1)

    assert (refused.status, refused.code) == (422, "validation_error")
    assert {error["pointer"] for error in refused.body["errors"]} == {
        *("/slug", "/name", "/wat"),
    }
    assert all(error.keys() >= {"code", "detail"} for error in refused.body["errors"])
    assert program("gohq_unknown").get("projects").code == "unauthenticated"
    assert staff["stan"].get(SHOP).code == "not_found"
    assert staff["stan"].patch(SHOP, name="Mine").code == "not_found"
    assert staff["vic"].post(f"{SHOP}/tenants", slug="x", name="X").code == (
        "permission_denied"
    )
    assert root.post("projects", slug="new", name="N", createdAt="x").status == 422
    assert root.patch(SHOP, slug="other").status == 422


def test_lists_go_newest_first_by_cursor(empty_shop, root):
    for number in range(5):
        root.post(f"{SHOP}/tenants", slug=f"t{number}", name="T")

    first = root.get(f"{SHOP}/tenants?limit=3").body
    second = root.get(f"{SHOP}/tenants?limit=3&cursor={first['next']}").body

    assert [row["slug"] for row in first["items"]] == ["t4", "t3", "t2"]
    assert [row["slug"] for row in second["items"]] == ["t1", "t0"]
    assert second.keys() == {"items", "next"}
    assert second["next"] is None
    for wrong in ("limit=201", "limit=0", "cursor=zzz", "wat=1"):
        assert root.get(f"{SHOP}/tenants?{wrong}").code == "validation_error"


def test_lists_of_desired_state_go_newest_first(shop, root):
    root.put(f"{SHOP}/variables", scope="repo", key="Z", value="1")
    root.post(f"{SHOP}/workloads", name="zoo", chart="web", chartVersion="1.0.0")

    def listed(path, name):
        return [row[name] for row in root.get(f"{SHOP}/{path}").body["items"]]

    assert listed("environments", "slug") == ["prod", "dev"]
    assert listed("targets", "environment") == ["prod", "dev"]
    assert listed("workloads", "name") == ["zoo", "web"]
    assert listed("variables", "key") == ["Z", "REPLICAS"]


def test_an_idempotency_key_stands_for_one_request(empty_shop, root, staff):
    acme = {"slug": "acme", "name": "Acme"}

    first = keyed(root, f"{SHOP}/tenants", acme)
    again = keyed(root, f"{SHOP}/tenants", acme)
    other = keyed(root, f"{SHOP}/tenants", {"slug": "globex", "name": "Globex"})
    elsewhere = keyed(root, f"{SHOP}/environments", {"slug": "dev", "name": "Dev"})
    another = keyed(staff["max"], f"{SHOP}/tenants", {"slug": "mine", "name": "Mine"})

    assert (first.status, first.body) == (again.status, again.body)
    assert first.status == 201
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert (elsewhere.status, another.status) == (201, 201)


def test_a_version_that_is_not_the_present_one_is_refused(shop, root):
    bodies = {
        SHOP: {"name": "Store"},
        f"{SHOP}/environments/dev/policy": {"autoApprove": True},
        f"{SHOP}/targets/acme/dev": {"cluster": "east"},
    }
    for path, body in bodies.items():
        tag = root.get(path).response.headers["ETag"]

        assert patched(root, path, body, '"wrong"').code == "version_mismatch"
        assert patched(root, path, body, tag).status == 200
        assert patched(root, path, body, tag).status == 412
        assert root.patch(path, **body).status == 200


def test_tokens_do_what_their_scope_says_and_are_shown_once(empty_shop, staff):
    alice = User.objects.get(username="alice")
    made = staff["alice"].post("tokens", name="ci", scopes=["read"])

    assert made.status == 201
    assert made.body["token"].startswith("gohq_")
    listed = staff["alice"].get("tokens").body["items"]
    assert made.body["token"] not in json.dumps(listed)
    reading = program(made.body["token"])
    assert reading.get(SHOP).status == 200
    assert reading.put(f"{SHOP}/variables", key="A").code == "permission_denied"
    assert staff["alice"].post("tokens", name="x", scopes=["all"]).status == 422
    gone = staff["alice"].delete(f"tokens/{made.body['id']}")
    assert (gone.status, gone.body) == (204, "")
    assert reading.get(SHOP).code == "unauthenticated"
    for scope in ("config:write", "images:write", "releases:write", "git:read"):
        _, secret = make.token(alice, scopes=[scope])
        assert program(secret).get(SHOP).code == "permission_denied"


def test_what_is_outside_the_api_answers_everybody(client, db):
    for path in ("/healthz", "/version", "/metrics"):
        assert client.get(path).status_code == 200
    page = client.get("/accounts/login/").content.decode()
    assert 'name="login"' in page
    assert 'name="password"' in page
    assert "csrftoken" in client.cookies


def keyed(caller, path, body):
    return caller._call(
        "POST", path, json.dumps(body), "application/json", **{"Idempotency-Key": "k"}
    )


def patched(caller, path, body, tag):
    return caller._call(
        "PATCH", path, json.dumps(body), "application/json", **{"If-Match": tag}
    )
