"""Rolling back over HTTP: the body, the answer, its refusals, and who may."""

import pytest

from environments.desired.state import State
from gitopshq.core.models import AuditEntry
from releases.locking import fresh
from releases.models import Release
from tests.releases.conftest import signed_in, with_token

RELEASES = "/api/v1/projects/shop/releases"
FLAG = "targets/acme/dev/manifests/flags/fast.yaml"
FULL = {"scope": "full"}


@pytest.fixture
def post(alice, do):
    client = signed_in(alice)

    def send(number, body=FULL, *, by=client, verb="rollback", **headers):
        path = f"{RELEASES}/{number}/{verb}"
        return do(by.post, path, body, format="json", headers=headers)

    return send


@pytest.fixture
def two(dev, shipped):
    return shipped(dev, fast="1", slow="1"), shipped(dev, fast="2", slow="2")


def test_a_rollback_is_a_release(two, post, alice):
    """S133: with its origin, whole, and with what can be done next."""
    answer = post(1, {**FULL, "title": "Back", "notes": "Too fast"})

    assert answer.status_code == 201
    made = answer.json()
    assert (made["number"], made["kind"], made["state"]) == (3, "rollback", "draft")
    assert (made["title"], made["notes"]) == ("Back", "Too fast")
    assert made["baseRelease"] == "R-2"
    assert made["rollback"] == {
        "to": "R-1",
        "of": "R-2",
        "scope": "full",
        "services": [],
        "fields": [],
        "rolledBack": [],
    }
    assert made["digest"]
    assert made["rendering"]["tree"] == two[0].rendering.tree
    assert made["changeCount"] == 2
    listed = signed_in(alice).get(RELEASES).json()["items"]
    assert [row["rollback"] and row["rollback"]["to"] for row in listed] == [
        "R-1",
        None,
        None,
    ]


def test_both_sides_link_to_each_other(two, post, submit, deploy, alice, dev):
    """S18: and what was undone is listed as held."""
    deploy(submit(Release.objects.get(number=post(1).json()["number"])))
    client = signed_in(alice)

    undone = client.get(f"{RELEASES}/2").json()
    rollback = client.get(f"{RELEASES}/3").json()
    pool = client.get("/api/v1/projects/shop/targets/acme/dev/pending-changes").json()

    assert (undone["state"], undone["rolledBackBy"]) == ("rolled_back", "R-3")
    assert {one["action"] for one in undone["allowedActions"]} == {"verify", "close"}
    assert rollback["rollback"]["rolledBack"] == ["R-2"]
    assert (pool["count"], pool["held"]) == (0, 2)
    assert {row["heldBy"] for row in pool["groups"][0]["changes"]} == {"R-3"}


def test_fields_are_named_by_file_and_path(two, post):
    """S124."""
    body = {"scope": "field", "fields": [{"file": FLAG, "path": "/data/fast"}]}

    made = post(1, body).json()

    assert made["rollback"]["fields"] == [{"file": FLAG, "path": "/data/fast"}]
    assert made["title"] == "Roll back 1 field to R-1"
    state = State.from_json(Release.objects.get(number=3).snapshot.document)
    first, second = (State.from_json(r.snapshot.document) for r in two)
    was, now, is_ = (dict(s.manifests[0].files) for s in (first, second, state))
    assert is_ == {"fast.yaml": was["fast.yaml"], "slow.yaml": now["slow.yaml"]}


def test_a_conflict_names_file_and_path(dev, two, shipped, post):
    """S124: and says so without making anything."""
    shipped(dev, fast="3", slow="2")
    field = {"file": FLAG, "path": "/data/fast"}

    answer = post(1, {"scope": "field", "fields": [field]})

    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "inseparable_changes"
    assert problem["errors"][0]["file"] == FLAG
    (conflict,) = problem["details"]["conflicts"]
    assert {key: conflict[key] for key in field} == field
    assert Release.objects.count() == 3
    body = {"scope": "field", "fields": [{**field, "overwrite": True}]}
    assert post(1, body).status_code == 201


def test_the_same_key_makes_one_rollback(two, post):
    keyed = {"Idempotency-Key": "once-only-please"}

    first, again = (post(1, **keyed).json() for _ in range(2))

    assert first["number"] == again["number"]
    assert Release.objects.count() == 3


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({}, 422, "validation_error", "/scope"),
        ({"scope": "all"}, 422, "validation_error", "/scope"),
        ({"scope": "service"}, 422, "validation_error", "/services"),
        (
            {"scope": "service", "services": ["none"]},
            422,
            "validation_error",
            "/services/0",
        ),
        ({"scope": "field", "fields": []}, 422, "validation_error", "/fields"),
        (
            {"scope": "field", "fields": [{"path": "/a"}]},
            422,
            "validation_error",
            "/fields/0/file",
        ),
        (
            {"scope": "field", "fields": [{"file": FLAG, "path": "/no"}]},
            422,
            "validation_error",
            "/fields/0/path",
        ),
        ({"scope": "full", "kind": "normal"}, 422, "validation_error", "/kind"),
        ({"scope": "full", "title": "a\nb"}, 422, "validation_error", "/title"),
    ],
)
def test_a_wrong_body_is_refused_with_a_pointer(two, post, body, status, code, pointer):
    answer = post(1, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_states_and_nothing_to_do_are_told_apart(two, post, edit, create, dev):
    edit(dev, fast="9")
    create(dev)

    assert (post(2).status_code, post(2).json()["code"]) == (409, "no_changes")
    refused = post(3)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_transition")
    assert AuditEntry.objects.filter(event="release.roll_back_refused").exists()


def test_the_door_asks_for_rights_and_scopes(two, post, stan, dora, alice):
    """S133: a stranger hears of nothing; a deployer may not make releases."""
    assert post(1, by=signed_in(stan)).status_code == 404
    refused = post(1, by=signed_in(dora))
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert post(1, by=with_token(alice, scopes=["read"])).status_code == 403
    assert post(1, by=with_token(alice, scopes=["releases:write"])).status_code == 201


def test_it_is_previewed_by_the_three_diffs_before_it_exists(two, post, alice, do):
    """S124: prepared, rendered, and nothing is made."""
    reader = with_token(alice, scopes=["read"])

    answer = post(1, by=reader, verb="rollback/preview")

    assert answer.status_code == 200
    preview = post(1, by=reader, verb="rollback/preview").json()
    assert preview["rendering"]["tree"] == two[0].rendering.tree
    assert len(preview["changes"]) == 2
    for level in ("plain", "resolved", "manifest"):
        diff = reader.get(preview["diffs"][level]).json()
        assert [file["status"] for file in diff["files"]] == ["modified"] * 2
    assert fresh(two[1].pk).is_open is False
    assert Release.objects.count() == 2


def test_going_back_is_offered_where_it_is_possible(two, alice, dora):
    def offered(person, number):
        actions = signed_in(person).get(f"{RELEASES}/{number}").json()["allowedActions"]
        return {one["action"]: one["allowed"] for one in actions}

    assert offered(alice, 1)["rollback"] is True
    assert offered(dora, 1)["rollback"] is False
    assert offered(alice, 2)["rollback"] is False
