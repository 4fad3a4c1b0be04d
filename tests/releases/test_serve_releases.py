"""Releases over HTTP: making them, and what is refused."""

from environments import actions as environments
from environments.models import VariableScope
from gitopshq.core.models import AuditEntry
from releases.models import Release
from releases.pending import pool_of
from tests import make
from tests.people import with_token
from tests.releases.asking import RELEASES, body_of, problem

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
    "plannedWindowWarnings",
    "rollbackPlan",
    "fallbackOwner",
    "commit",
    "sync",
    "failure",
    "cancelled",
    "deployedBy",
    "deployedAt",
    "rolledBackBy",
    "rollback",
    "breakGlass",
    "allowedActions",
}


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
