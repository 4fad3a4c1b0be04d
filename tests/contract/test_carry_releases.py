"""The rows of releases and of the inbox: every step, its names and its refusals."""

from functools import partial

import pytest

from tests.contract import shapes
from tests.contract.conftest import SHOP
from tests.journeys.callers import program

RELEASES = f"{SHOP}/releases"
DEV = f"{SHOP}/targets/acme/dev"
PLACE = {"tenant": "acme", "environment": "dev"}


@pytest.fixture
def draft(shop, staff):
    made = staff["alice"].post(
        RELEASES,
        **PLACE,
        title="Begin",
        notes="Because.",
        ticket="OPS-1",
        policySnapshotJson={"kept": [1, None]},
    )
    assert made.status == 201, made.body
    return made.body


@pytest.fixture
def gated(shop, staff):
    place = {"tenant": "acme", "environment": "prod"}
    made = staff["alice"].post(RELEASES, **place, title="Gated", notes="")
    assert made.status == 201, made.body
    return made.body


def step(staff, name, release, verb, **body):
    return staff[name].post(f"{RELEASES}/{release['number']}/{verb}", **body)


def said(answer):
    return answer.status, answer.code, answer.body["detail"]


def test_a_release_as_it_is_created(draft, staff):
    """S8, S35, S59, S112: created as a draft, with all that was sent."""
    assert shapes.holds(draft, {**shapes.RELEASE, "allowedActions": list})
    assert all(shapes.holds(one, shapes.ACTION) for one in draft["allowedActions"])
    wanted = {"number": 1, "name": "R-1", "state": "draft", "kind": "normal"}
    assert draft.items() >= wanted.items()
    assert draft["policySnapshotJson"] == {"kept": [1, None]}
    assert (draft["author"], draft["target"]) == ("alice", PLACE)
    assert draft["rendering"]["state"] == "ready"
    assert draft["commit"] is draft["failure"] is draft["cancelled"] is None
    assert staff["vic"].get(f"{RELEASES}/1").body["digest"] == draft["digest"]
    (listed,) = staff["vic"].get(f"{RELEASES}?state=draft").body["items"]
    assert shapes.holds(listed, shapes.RELEASE)
    assert staff["stan"].get(RELEASES).code == "not_found"


def test_what_creating_refuses(draft, staff):
    post = partial(staff["alice"].post, RELEASES, **PLACE, title="T", notes="")

    assert post().code == "no_changes"
    assert post(state="approved").code == "validation_error"
    assert post(number=9).code == "validation_error"
    assert step(staff, "vic", draft, "submit").code == "permission_denied"
    edited = staff["alice"].patch(f"{RELEASES}/1", title="Better")
    assert (edited.status, edited.body["title"]) == (200, "Better")
    assert staff["alice"].patch(f"{RELEASES}/1", state="x").status == 422


def test_changes_are_named_by_id_and_revision(draft, staff, root):
    """S31, S32: one of several changes, and the refusals of a wrong choice."""
    assert step(staff, "alice", draft, "submit").status == 200
    assert step(staff, "dora", draft, "deploy").status == 202
    layer = f"{SHOP}/workloads/web/values?environment=dev"
    root.put_text(layer, 'replicas: 4\nextra: "{{hq.var.NEW}}"\n')
    root.put(f"{SHOP}/variables", scope="repo", key="NEW", value="1")
    pool = staff["alice"].get(f"{DEV}/pending-changes").body
    rows = {row["path"]: row for group in pool["groups"] for row in group["changes"]}
    one, needy = rows["/replicas"], rows["/extra"]
    post = partial(staff["alice"].post, RELEASES, **PLACE, title="T", notes="")

    missing = post(changeIds=[needy["id"]])
    assert (missing.status, missing.code) == (422, "missing_dependency")
    moved = post(changeIds=[f"{one['id']}@{'0' * 64}"])
    assert (moved.status, moved.code) == (409, "concurrent_update")
    made = post(changeIds=[f"{one['id']}@{one['revision']}"])
    assert (made.status, made.body["changeCount"]) == (201, 1)
    assert post(changeIds=[one["id"]]).code == "change_already_claimed"
    left = staff["alice"].get(f"{DEV}/pending-changes").body
    assert left["count"] == pool["count"] - 1
    (change,) = staff["alice"].get(f"{RELEASES}/2/changes").body["items"]
    assert shapes.holds(change, shapes.CHANGE)
    assert (change["id"], change["claimedBy"]) == (one["id"], "R-2")

    discarded = staff["alice"].post(f"{DEV}/pending-changes/{needy['id']}/discard")
    assert discarded.code == "shared_input"
    assert step(staff, "alice", made.body, "cancel", reason="no").status == 200


def test_the_three_diffs_are_hunks_or_unified_text(draft, staff):
    """S36, S37, S39, S41: JSON for programs, text for whoever accepts that."""
    seen = {}
    for level in ("plain", "resolved", "manifest"):
        path = f"{RELEASES}/1/diffs/{level}"
        document = staff["vic"].get(path)
        text = staff["vic"].get(path, accept="text/x-diff")
        assert (document.status, text.status) == (200, 200)
        assert document.body["files"][0].keys() >= {"path", "status", "hunks"}
        assert text.response.headers["Content-Type"].startswith("text/x-diff")
        seen[level] = text.body
    assert "{{hq.var.REPLICAS}}" in seen["plain"]
    assert '+replicas: "2"' in seen["resolved"]
    assert "+kind: ConfigMap" in seen["manifest"]
    assert staff["vic"].get(f"{RELEASES}/1/diffs/other").code == "not_found"


def test_the_texts_of_the_five_errors(draft, gated, staff, root):
    """S94, S95, S96, S97, S98: status, code and detail, word for word."""
    assert said(step(staff, "dora", draft, "deploy")) == (
        *(400, "release_not_deployable"),
        "release cannot be deployed in its current status",
    )
    assert said(step(staff, "bob", gated, "complete-approval")) == (
        *(409, "approval_threshold_not_met"),
        "release does not meet approval threshold: 0/2",
    )
    step(staff, "alice", draft, "submit")
    until = "2098-07-06T05:04:03Z"
    freeze = f"{SHOP}/environments/dev/freeze"
    root.post(freeze, reason="audit", until=until)
    frozen = step(staff, "dora", draft, "deploy")
    assert said(frozen) == (423, "environment_frozen", "environment is frozen")
    assert frozen.body["details"].keys() == {"name", "reason", "until"}
    assert frozen.body["details"]["until"] == until
    root.delete(freeze)

    root.put(f"{SHOP}/variables", scope="repo", key="REPLICAS", value="3")
    shown = staff["alice"].get(f"{RELEASES}/1").body
    assert shown["stale"] is True
    stale = step(staff, "dora", draft, "deploy")
    assert (stale.status, stale.code) == (409, "stale_release_source")
    details = stale.body["details"]
    assert details["baselineSourceSha"] == draft["baselineSourceSha"]
    assert len(details["currentSourceSha"]) == 40
    assert details["currentSourceSha"] != details["baselineSourceSha"]
    root.put(f"{SHOP}/variables", scope="repo", key="REPLICAS", value="2")
    assert staff["alice"].get(f"{RELEASES}/1").body["stale"] is False

    root.patch(f"{SHOP}/environments/dev/policy", blockSelfDeploy=True)
    made = staff["max"].post(
        RELEASES, tenant="acme", environment="dev", title="T", changeIds=None
    )
    assert made.code == "no_changes"
    root.post(f"{SHOP}/members", user="alice", role="deployer")
    own = step(staff, "alice", draft, "deploy")
    assert said(own) == (
        *(403, "self_deploy_blocked"),
        "release requester cannot deploy approved release",
    )


def test_votes_from_the_release_and_from_the_inbox(gated, staff):
    """S49, S50, S79, S80, S81: who may vote, on what digest, and how often."""
    assert gated["state"] == "pending_approval"
    digest = gated["digest"]
    (row,) = staff["bob"].get("approvals?eligible=true&kind=release").body["items"]
    assert shapes.holds(row, shapes.INBOX_ROW)
    assert (row["digest"], row["requester"]) == (digest, "alice")
    assert sum(row["summary"].values()) == gated["changeCount"]
    assert staff["stan"].get("approvals").body["items"] == []

    vote = partial(step, staff, release=gated, verb="approve")
    assert vote("dora", digest=digest).code == "permission_denied"
    assert vote("stan", digest=digest).code == "not_found"
    assert vote("bob", digest="0" * 64).code == "digest_mismatch"
    assert vote("bob").code == "validation_error"
    voted = staff["bob"].post(f"approvals/{row['id']}/approve", digest=digest)
    assert (voted.status, voted.body["current"]) == (200, 1)
    assert [one["action"] for one in voted.body["allowedActions"]] == [
        "approve",
        "reject",
    ]
    assert vote("bob", digest=digest).code == "already_voted"
    taken = step(staff, "bob", gated, "withdraw-vote")
    assert taken.body["approvals"]["current"] == 0
    assert vote("bob", digest=digest, comment="fine").status == 200
    done = vote("bea", digest=digest)
    assert (done.body["state"], done.body["approvals"]["current"]) == ("approved", 2)
    assert vote("bea", digest=digest).code == "invalid_transition"


def test_tokens_never_vote(gated, staff):
    secret = staff["bob"].post("tokens", name="bot", scopes=["admin"]).body["token"]
    voted = program(secret).post(
        f"{RELEASES}/{gated['number']}/approve", digest=gated["digest"]
    )

    assert (voted.status, voted.code) == (403, "not_eligible")


def test_rejecting_cancels_with_a_reason(gated, staff):
    """S11, S83: no rejected state; the changes go back to the pool."""
    assert step(staff, "bob", gated, "reject").code == "reason_required"
    rejected = step(staff, "bob", gated, "reject", reason="not now").body

    assert rejected["state"] == "cancelled"
    assert shapes.holds(rejected, shapes.RELEASE)
    wanted = {"kind": "rejected", "reason": "not now", "by": "bob"}
    assert rejected["cancelled"].items() >= wanted.items()
    assert step(staff, "alice", gated, "refresh").code == "invalid_transition"


def test_a_release_is_refreshed_recreated_and_deployed(draft, staff, root):
    """S63, S64, S69, S71, S105: each answer is the whole release."""
    root.put(f"{SHOP}/variables", scope="repo", key="REPLICAS", value="5")
    assert step(staff, "alice", draft, "submit").code == "stale_release_source"
    deny = {"violations": [{"rule": "r", "enforcement": "deny"}]}
    fresh = step(staff, "alice", draft, "refresh", policySnapshotJson=deny)
    assert (fresh.status, fresh.body["stale"]) == (200, False)
    step(staff, "alice", draft, "submit")
    assert step(staff, "dora", draft, "deploy").code == "policy_violation"

    again = step(staff, "alice", draft, "recreate", policySnapshotJson=None).body
    assert again["number"] == 2
    old = staff["alice"].get(f"{RELEASES}/1").body
    assert (old["state"], old["cancelled"]["kind"]) == ("cancelled", "recreated")
    assert step(staff, "alice", again, "submit").body["state"] == "approved"
    assert step(staff, "alice", again, "deploy").code == "permission_denied"
    assert step(staff, "dora", again, "deploy").status == 202

    shipped = staff["dora"].get(f"{RELEASES}/2").body
    assert (shipped["state"], shipped["deployedBy"]) == ("deployed", "dora")
    assert shipped["commit"]["branch"] == "main"
    assert shapes.holds(shipped, shapes.RELEASE)
    assert staff["dora"].get(DEV).body["deployedRelease"] == "R-2"
    (attempt,) = staff["dora"].get(f"{RELEASES}/2/attempts").body["items"]
    assert {gate["verdict"] for gate in attempt["gates"]} == {"pass"}
    assert "nextChange" in attempt["gates"][0]
    assert all(shapes.TIME.fullmatch(one["endedAt"]) for one in attempt["steps"])
    timeline = staff["dora"].get(f"{RELEASES}/2/timeline").body["items"]
    assert timeline[0]["event"] == "release.deployed"
    assert timeline[-1]["at"] <= timeline[0]["at"]
    for row in ("approvals", "gates", "eligible-approvers"):
        assert staff["vic"].get(f"{RELEASES}/2/{row}").status == 200


def test_a_bump_can_make_its_release(draft, staff):
    """S42, S119: the release of one image in one target."""
    step(staff, "alice", draft, "submit")
    step(staff, "dora", draft, "deploy")

    bumped = staff["alice"].post(
        f"{SHOP}/images", service="web", tag="9", createRelease=True, **PLACE
    )

    assert (bumped.status, bumped.body["releases"]) == (200, ["R-2"])
    (change,) = staff["alice"].get(f"{RELEASES}/2/changes").body["items"]
    assert (change["facet"], change["path"]) == ("image", "/image")


def test_one_release_each_for_several_tenants(shop, staff, root):
    root.post(
        f"{SHOP}/targets", tenant="globex", environment="dev", namespace="globex-dev"
    )

    made = staff["alice"].post(
        RELEASES, tenants=["acme", "globex"], environment="dev", title="Both"
    )

    assert made.status == 201
    names = [row["target"]["tenant"] for row in made.body["items"]]
    assert names == ["acme", "globex"]
