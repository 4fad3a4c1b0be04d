"""Releases over HTTP: listing, making, showing and editing them."""

import pytest

from environments import actions as environments
from environments.models import VariableScope
from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from releases.models import Release
from releases.pending import pool_of
from tests import make
from tests.people import signed_in, with_token

RELEASES = "/api/v1/projects/shop/releases"
FIELDS = {
    "number",
    "name",
    "title",
    "notes",
    "ticket",
    "state",
    "kind",
    "target",
    "author",
    "createdAt",
    "baselineSourceSha",
    "baseRelease",
    "stale",
    "staleReason",
    "digest",
    "rendering",
    "changeCount",
    "approvals",
    "policySnapshotJson",
    "plannedWindow",
    "rollbackPlan",
    "fallbackOwner",
    "commit",
    "sync",
    "failure",
    "cancelled",
    "deployedBy",
    "deployedAt",
    "rolledBackBy",
    "allowedActions",
}


@pytest.fixture
def post(do, alice):
    """Ask for a release by a token of alice."""

    def send(body, *, client=None, **headers):
        client = client or with_token(alice)
        return do(client.post, RELEASES, body, format="json", headers=headers)

    return send


def body_of(target, **fields):
    return {
        "tenant": target.tenant.slug,
        "environment": target.environment.slug,
        "title": "Change flags",
        **fields,
    }


def problem(response):
    answer = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert answer["requestId"]
    return response.status_code, answer["code"]


def test_a_release_is_made_and_shown_whole(dev, edit, post, alice):
    """S8, S112: one object, camelCase, the client's policy word for word."""
    edit(dev)
    sent = {"violations": [], "odd_key": {"aB": [1, None]}}

    answer = post(
        body_of(
            dev,
            notes="Why\n",
            ticket="OPS-1",
            policySnapshotJson=sent,
            rollbackPlan="back",
            fallbackOwner="olga",
            plannedWindow={
                "start": "2030-01-01T08:00:00Z",
                "end": "2030-01-01T09:00:00Z",
            },
        )
    )

    assert answer.status_code == 201
    made = answer.json()
    assert set(made) == FIELDS
    assert (made["name"], made["state"], made["kind"]) == ("R-1", "draft", "normal")
    assert made["target"] == {"tenant": "acme", "environment": "dev"}
    assert made["policySnapshotJson"] == sent
    assert made["plannedWindow"]["start"] == "2030-01-01T08:00:00Z"
    shown = with_token(alice).get(f"{RELEASES}/1").json()
    assert (shown["notes"], shown["author"]) == ("Why\n", "alice")
    assert shown["rendering"]["state"] == "ready"
    assert len(shown["digest"]) == 64
    assert shown["approvals"] == {"current": 0, "required": 0, "votes": []}
    assert {one["action"] for one in shown["allowedActions"]} >= {"submit", "cancel"}


def test_one_release_for_each_tenant(shop, dev, edit, post):
    """S119."""
    other = make.target(shop, tenant="globex", environment="dev")
    edit(dev)
    edit(other)

    answer = post(
        {"tenants": ["acme", "globex"], "environment": "dev", "title": "Both"}
    )

    assert answer.status_code == 201
    tenants = [made["target"]["tenant"] for made in answer.json()["items"]]
    assert tenants == ["acme", "globex"]


def test_all_of_them_or_none(shop, dev, edit, post):
    make.target(shop, tenant="globex", environment="dev")
    edit(dev)

    answer = post(
        {
            "tenants": ["acme", "globex"],
            "environment": "dev",
            "title": "Both",
            "changeIds": [r.change.id for r in pool_of(dev).rows],
        }
    )

    assert answer.status_code in (409, 422)
    assert not Release.objects.exists()


def test_a_key_makes_one_release(dev, edit, post, alice):
    """S1: the same answer for the same body, another body is refused."""
    edit(dev)
    client, key = with_token(alice), {"Idempotency-Key": "build-77"}

    first = post(body_of(dev), client=client, **key)
    again = post(body_of(dev), client=client, **key)
    other = post(body_of(dev, title="Other"), client=client, **key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json()["number"] == first.json()["number"]
    assert problem(other) == (422, "idempotency_key_reused")
    assert Release.objects.count() == 1


def test_fields_that_are_not_ours_to_take_are_refused(dev, edit, post):
    """security.md 9: they change nothing, and are named."""
    edit(dev)

    for field, value in {
        "state": "approved",
        "author": "bob",
        "digest": "0" * 64,
        "approvedBy": ["bob"],
        "createdAt": "2020-01-01T00:00:00Z",
        "change_ids": [],
    }.items():
        answer = post(body_of(dev, **{field: value}))
        assert problem(answer) == (422, "validation_error")
        assert [e["pointer"] for e in answer.json()["errors"]] == [f"/{field}"]
    assert not Release.objects.exists()


REFUSED = [
    ({"changeIds": ["0" * 32]}, (422, "validation_error")),
    ({"changeIds": ["0" * 32 + "@" + "0" * 64]}, (409, "concurrent_update")),
    ({"changeIds": []}, (409, "no_changes")),
    ({"title": ""}, (422, "validation_error")),
    ({"environment": "nowhere"}, (404, "not_found")),
    ({"tenants": ["acme"]}, (422, "validation_error")),
    ({"policySnapshotJson": "x" * 300_000}, (413, "too_large")),
]


def test_what_cannot_be_made_says_why(dev, edit, post):
    edit(dev)

    for fields, expected in REFUSED:
        assert problem(post(body_of(dev, **fields))) == expected, fields
    assert not Release.objects.exists()


def test_what_is_missing_is_named(dev, edit, post, do, shop):
    """422 with ids, so that one click can add them."""
    edit(dev, fast="{{hq.var.SPEED}}")
    place = environments.VariablePlace(shop, VariableScope.REPO)
    do(environments.set_variable, place, key="SPEED", value="9", actor=None)
    rows = {row.change.object: row.change.id for row in pool_of(dev).rows}

    answer = post(body_of(dev, changeIds=[rows["flags"]]))

    assert problem(answer) == (422, "missing_dependency")
    missing = answer.json()["details"]["missing"]
    assert missing == {rows["flags"]: [rows["SPEED"]]}


def test_a_claimed_change_is_said_to_be_claimed(dev, edit, create, post):
    edit(dev)
    ids = [r.change.id for r in pool_of(dev).rows if r.change.object == "flags"]
    create(dev)

    answer = post(body_of(dev, changeIds=ids))

    assert problem(answer) == (409, "change_already_claimed")
    assert answer.json()["details"]["claimed"] == {ids[0]: "R-1"}


def test_a_stranger_finds_nothing(dev, edit, create, post, stan):
    """S92: the same as if it were not there."""
    edit(dev)
    create(dev)
    client = with_token(stan)

    assert problem(client.get(RELEASES)) == (404, "not_found")
    assert problem(client.get(f"{RELEASES}/1")) == (404, "not_found")
    assert problem(post(body_of(dev), client=client)) == (404, "not_found")


def test_whoever_sees_one_environment_sees_its_releases(dev, prod, edit, create, stan):
    """S92: domain 11."""
    edit(dev)
    edit(prod)
    create(dev)
    create(prod)
    environments.grant_role(dev.environment, to=stan, role=Role.VIEWER, actor=None)
    client = with_token(stan)

    assert [row["number"] for row in client.get(RELEASES).json()["items"]] == [1]
    assert client.get(f"{RELEASES}/2").status_code == 404


def test_the_right_is_asked_and_the_refusal_recorded(dev, edit, post, bob):
    """S88: 403, and an audit entry of the attempt."""
    edit(dev)

    answer = post(body_of(dev), client=with_token(bob))

    assert problem(answer) == (403, "permission_denied")
    assert AuditEntry.objects.filter(event="release.create_refused").count() == 1


def test_a_token_without_the_scope_makes_nothing(dev, edit, post, alice):
    edit(dev)

    for scope in ("read", "config:write", "releases:deploy"):
        answer = post(body_of(dev), client=with_token(alice, scopes=[scope]))
        assert problem(answer) == (403, "permission_denied"), scope


def test_lists_are_filtered_and_paged(dev, prod, edit, create, alice):
    """S92, S101: newest first; an opaque cursor; stale ones by flag."""
    for number in ("1", "2"):
        edit(dev, f"one-{number}")
        create(
            dev,
            change_ids=[
                r.change.id
                for r in pool_of(dev).rows
                if r.change.object == f"one-{number}"
            ],
        )
    edit(prod)
    create(prod)
    client = signed_in(alice)

    def numbers(query=""):
        answer = client.get(f"{RELEASES}?{query}").json()
        return [row["number"] for row in answer["items"]]

    assert numbers() == [3, 2, 1]
    assert numbers("state=pending_approval") == [3]
    assert numbers("environment=dev&tenant=acme") == [2, 1]
    assert numbers("author=bob") == []
    assert numbers("stale=true") == [1]
    first = client.get(f"{RELEASES}?limit=2").json()
    assert [row["number"] for row in first["items"]] == [3, 2]
    assert numbers(f"limit=2&cursor={first['next']}") == [1]
    assert problem(client.get(f"{RELEASES}?colour=red")) == (422, "validation_error")
    assert problem(client.get(f"{RELEASES}?state=rejected"))[0] == 422


def test_showing_a_release_takes_few_queries(
    prod, approved, alice, django_assert_max_num_queries
):
    approved(prod)
    client = with_token(alice)

    with django_assert_max_num_queries(25):
        assert client.get(f"{RELEASES}/1").status_code == 200


def test_a_draft_is_edited_by_whoever_has_its_version(dev, edit, create, alice, do):
    """S12: ETag and If-Match."""
    edit(dev)
    create(dev)
    client = signed_in(alice)
    tag = client.get(f"{RELEASES}/1").headers["ETag"]

    def patch(body, **headers):
        return do(client.patch, f"{RELEASES}/1", body, format="json", headers=headers)

    done = patch({"title": "Better"}, **{"If-Match": tag})
    late = patch({"title": "Worse"}, **{"If-Match": tag})

    assert (done.status_code, done.json()["title"]) == (200, "Better")
    assert problem(late) == (412, "version_mismatch")
    assert patch({"notes": "n"}).status_code == 200
    unchanged = client.get(
        f"{RELEASES}/1",
        headers={"If-None-Match": client.get(f"{RELEASES}/1").headers["ETag"]},
    )
    assert unchanged.status_code == 304


def test_a_patch_takes_a_selection_and_no_policy(dev, edit, create, alice, do):
    edit(dev, "one")
    edit(dev, "two")
    create(dev)
    ids = [r.change.id for r in pool_of(dev).rows if r.change.object == "one"]
    client = signed_in(alice)

    done = do(client.patch, f"{RELEASES}/1", {"changeIds": ids}, format="json").json()
    refused = client.patch(f"{RELEASES}/1", {"policySnapshotJson": {}}, format="json")

    changed = client.get(f"{RELEASES}/1/changes").json()["items"]
    assert "two" not in {change["object"] for change in changed}
    assert done["changeCount"] == len(changed)
    assert problem(refused) == (422, "validation_error")


def test_only_a_draft_is_patched(prod, edit, create, alice):
    """S13."""
    edit(prod)
    create(prod)

    answer = signed_in(alice).patch(f"{RELEASES}/1", {"title": "x"}, format="json")

    assert problem(answer) == (400, "invalid_transition")


def test_nothing_is_deleted(dev, edit, create, alice):
    """S87: there is no such method."""
    edit(dev)
    create(dev)

    assert signed_in(alice).delete(f"{RELEASES}/1").status_code == 405
