"""What a release holds and what waits for one, over HTTP."""

import pytest

from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from releases.pending import pool_of
from tests import make
from tests.people import signed_in, with_token

PROJECT = "/api/v1/projects/shop"
RELEASE = f"{PROJECT}/releases/1"
TARGET = f"{PROJECT}/targets/acme/dev"


def code_of(response):
    return response.status_code, response.json()["code"]


def test_changes_are_listed_as_they_were_cut(dev, edit, create, alice):
    """S5, S20, S26: typed, with their author."""
    edit(dev, actor=alice)
    create(dev)

    items = signed_in(alice).get(f"{RELEASE}/changes").json()["items"]

    flags = next(item for item in items if item["object"] == "flags")
    assert set(flags) >= {
        *("id", "revision", "type", "object", "facet", "path", "action", "scope"),
        *("service", "summary", "before", "after", "changedBy", "changedAt"),
        *("claimedBy", "heldBy", "selectable", "dependsOn"),
    }
    assert (flags["type"], flags["changedBy"]) == ("manifest_binding", "alice")
    assert (flags["claimedBy"], flags["selectable"]) == ("R-1", False)


def test_votes_gates_and_people_are_shown(prod, approved, dora):
    """S54, S58, S102, S111: to everybody who may view."""
    approved(prod)
    client = signed_in(dora)

    votes = client.get(f"{RELEASE}/approvals").json()
    gates = client.get(f"{RELEASE}/gates").json()["items"]
    people = client.get(f"{RELEASE}/eligible-approvers").json()["items"]

    assert (votes["current"], votes["required"]) == (1, 1)
    assert {gate["verdict"] for gate in gates} == {"pass"}
    assert people == [{"user": "bob", "name": "bob", "eligible": True, "reason": ""}]


def test_timeline_and_attempts_tell_the_end(prod, released, alice):
    """S103, S126: every step, and the gates of the commit."""
    released(prod)
    client = signed_in(alice)

    timeline = client.get(f"{RELEASE}/timeline").json()["items"]
    (attempt,) = client.get(f"{RELEASE}/attempts").json()["items"]

    assert timeline[0]["event"] == "release.deployed"
    assert timeline[-1]["actor"] == "alice"
    assert (attempt["state"], attempt["requestedBy"]) == ("done", "dora")
    assert [step["name"] for step in attempt["steps"]] == ["render", "build"]
    assert {gate["verdict"] for gate in attempt["gates"]} == {"pass"}


def test_a_diff_is_hunks_or_unified_text(dev, shipped, edit, create, alice):
    """S36, S37, S39, S41, S44."""
    shipped(dev, fast="1")
    edit(dev, fast="2")
    create(dev)
    client = signed_in(alice)

    for level in ("plain", "resolved", "manifest"):
        path = f"{PROJECT}/releases/2/diffs/{level}"
        hunks = client.get(path).json()
        text = client.get(path, headers={"Accept": "text/x-diff"})
        (file,) = hunks["files"]
        assert (hunks["level"], file["status"], file["added"]) == (level, "modified", 1)
        signs = [line[0] for line in file["hunks"][0]["lines"]]
        assert (signs.count("-"), signs.count("+")) == (1, 1)
        assert text.headers["Content-Type"] == "text/x-diff; charset=utf-8"
        assert '+  fast: "2"' in text.content.decode()
    assert client.get(f"{PROJECT}/releases/2/diffs/other").status_code == 404


RECORDS = [
    "changes",
    "approvals",
    "gates",
    "timeline",
    "attempts",
    "eligible-approvers",
    "diffs/plain",
]


def test_a_stranger_finds_no_record(dev, edit, create, stan):
    """S92."""
    edit(dev)
    create(dev)
    client = signed_in(stan)

    for record in RECORDS:
        answer = client.get(f"{RELEASE}/{record}")
        assert code_of(answer) == (404, "not_found"), record


def test_the_pool_is_shown_by_type_with_its_gates(prod, edit, alice, bob):
    """S28, S29, S30, S107, S108, S109, S114: before there is a release."""
    edit(prod, actor=alice)
    path = f"{PROJECT}/targets/acme/prod/pending-changes"

    pool = signed_in(alice).get(path).json()

    assert (pool["count"], pool["held"]) == (pool_of(prod).count, 0)
    types = [group["type"] for group in pool["groups"]]
    assert types == ["workload", "manifest_binding", "environment_policy"]
    assert [person["user"] for person in pool["eligibleApprovers"]] == ["bob"]
    gates = {gate["name"]: gate for gate in pool["gates"]}
    assert gates["approvals"]["details"]["required"] == 1
    assert gates["freeze"]["verdict"] == "pass"


def test_what_is_written_is_in_the_very_next_answer(dev, edit, create, alice):
    """S28, S60: pending changes and staleness included."""
    edit(dev)
    create(dev)
    client = signed_in(alice)
    assert client.get(f"{TARGET}/pending-changes").json()["count"] == 0

    files = {
        "files": {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"}
    }
    saved = client.put(f"{TARGET}/manifests/more", files, format="json")

    assert saved.status_code in (200, 201)
    assert client.get(f"{TARGET}/pending-changes").json()["count"] == 1
    shown = client.get(RELEASE).json()
    assert shown["stale"] is True
    assert shown["staleReason"]["code"] == "stale_release_source"
    assert shown["staleReason"]["by"] == ["alice"]


def test_a_preview_links_to_its_diffs(dev, edit, alice, do):
    """S107: rendered as the release would be."""
    edit(dev)
    client = signed_in(alice)

    shown = do(client.post, f"{TARGET}/preview", {}, format="json").json()

    assert set(shown["diffs"]) == {"plain", "resolved", "manifest"}
    shown = do(client.post, f"{TARGET}/preview", {}, format="json").json()
    assert shown["rendering"]["state"] == "ready"
    manifest = client.get(shown["diffs"]["manifest"]).json()
    assert [file["status"] for file in manifest["files"]] == ["added"]
    assert client.get(f"{TARGET}/pending-changes").json()["count"] > 0


def test_a_preview_of_elsewhere_is_not_here(dev, prod, edit, alice, do):
    """security.md 7: a digest is no key to another target."""
    edit(prod)
    client = signed_in(alice)
    path = f"{PROJECT}/targets/acme/prod/preview"
    digest = do(client.post, path, {}, format="json").json()["diffs"]["plain"]

    answer = client.get(digest.replace("/acme/prod/", "/acme/dev/"))

    assert code_of(answer) == (404, "not_found")


def test_a_question_by_post_needs_to_read_alone(dev, edit, alice, do):
    edit(dev)
    client = with_token(alice, scopes=["read"])

    assert do(client.post, f"{TARGET}/preview", {}, format="json").status_code == 200


def test_a_change_is_discarded(dev, shipped, edit, alice, bob, do):
    shipped(dev)
    edit(dev, fast="2")
    (row,) = pool_of(dev).rows
    path = f"{TARGET}/pending-changes/{row.change.id}/discard"

    refused = do(signed_in(bob).post, path, {}, format="json")
    done = do(signed_in(alice).post, path, {}, format="json")

    assert code_of(refused) == (403, "permission_denied")
    assert (done.status_code, done.json()["count"]) == (200, 0)
    assert pool_of(dev).rows == ()
    assert AuditEntry.objects.filter(event="release.change_discarded").exists()


@pytest.mark.parametrize("what", ["pending-changes", "preview"])
def test_a_stranger_finds_no_pool(dev, stan, what):
    client = signed_in(stan)
    ask = client.get if what == "pending-changes" else client.post

    assert code_of(ask(f"{TARGET}/{what}", format="json")) == (404, "not_found")


def test_targets_show_what_they_run(dev, prod, shipped, edit, alice):
    """S72, S110: state of the release and of the cluster apart."""
    shipped(dev)
    edit(dev, fast="2")
    client = signed_in(alice)

    one = client.get(TARGET).json()
    listed = client.get(f"{PROJECT}/targets").json()["items"]

    assert (one["deployedRelease"], one["pendingCount"]) == ("R-1", 1)
    assert one["sync"] == {"state": "not_tracked", "revision": None, "checkedAt": None}
    assert one["frozen"] is False
    assert one["effectivePolicy"]["requiredApprovals"] == 0
    assert {row["environment"]: row["deployedRelease"] for row in listed} == {
        "dev": "R-1",
        "prod": None,
    }


def test_what_is_open_is_not_archived(dev, edit, create, shop):
    mona = make.user("mona", role=Role.MAINTAINER, on=shop)
    edit(dev)
    create(dev)

    answer = signed_in(mona).patch(
        f"{PROJECT}/tenants/acme", {"archived": True}, format="json"
    )

    assert code_of(answer) == (409, "in_use")


def test_a_bump_can_be_released_at_once(dev, shop, shipped, alice, do):
    """S21: what a build pipeline calls, by token."""
    api = make.workload(shop, "api", on=[dev])
    text = "image:\n  repository: shop/api\n  tag: v1\n"
    do(environments.set_values, api, text=text, actor=None)
    shipped(dev)
    client = with_token(alice, scopes=["images:write"])

    answer = do(
        client.post,
        f"{PROJECT}/images",
        {"service": "api", "tag": "v2", "createRelease": True},
        format="json",
    )

    assert answer.json()["releases"] == ["R-2"]


def test_operators_look_at_releases_and_change_nothing(prod, released):
    """S87: read-only, with the history."""
    release = released(prod)
    root = make.user("root", is_superuser=True, is_staff=True)
    client = signed_in(root)
    page = f"/admin/releases/release/{release.pk}"

    shown = client.get(f"{page}/change/", follow=True)

    assert shown.status_code == 200
    assert b"release.deploy_requested" in shown.content
    assert client.get("/admin/releases/release/").status_code == 200
    assert client.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"{page}/change/", {"title": "x"}).status_code == 403
    assert client.get("/admin/releases/release/add/").status_code == 403
