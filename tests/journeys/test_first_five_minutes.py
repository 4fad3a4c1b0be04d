"""The first five minutes of a visitor, by API: from an edit to a clone, and a freeze.

People call with their session, automation with tokens; Git is the stock ``git``. One
test, because it is one story; its chapters are the functions below it.
"""

import json
import re
import subprocess
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from gitopshq.core import tokens
from gitopshq.core.models import User
from tests.journeys.callers import Caller, person, program

pytestmark = pytest.mark.django_db(transaction=True)

SHOP = "projects/shop"
STAGING = f"{SHOP}/targets/acme/staging"
BUMP = ("catalog", "/image")
WORDS = {
    "environment": "staging",
    "tenant": "acme",
    "title": "Storefront 1.9 and a patient checkout",
    "notes": "The test bank is slow.\nRelease-Id: made/up",
    "ticket": "SHOP-130",
}


@pytest.fixture
def people(letter):
    return {name: person(name) for name in ("alice", "bob", "carol", "root")}


def test_the_first_five_minutes(letter, people, live_server, folder):
    """S4, S5, S31, S32, S34, S36, S39, S40, S41, S61, S63, S69, S70, S94, S95, S97.

    S98, S105, S107, S108, S109, S110, S116, S122: edit, preview, partial release, vote,
    deploy, clone; then a freeze, and an edit that overtakes an approved release.
    """
    bump_an_image(people["alice"])
    preview_what_a_release_would_do(people["alice"])
    release = release_all_but_the_bump(people["alice"])
    be_refused_to_approve_it(people["alice"], release)
    approve_it_from_the_inbox(people["bob"], release)
    release = deploy_it(people["alice"], release)
    clone_it(people["alice"], release, clone_address(letter, live_server), folder)

    waiting = approve_the_release_in_prod(people)
    meet_a_freeze(people["root"], waiting)
    meet_an_edit(people, waiting)
    refresh_a_release_of_everything(people["alice"])
    read_the_trail(people["root"])


def bump_an_image(alice: Caller) -> None:
    """A build may bump images and nothing else; only the pool of the target changes."""
    before = pending(alice)
    build = program(token_of("alice", "read", "images:write"))

    place = {"tenant": "acme", "environment": "staging"}
    done = build.post(f"{SHOP}/images", service="catalog", tag="3.4.1", **place)

    assert done.status == 200, done.body
    after = pending(alice)
    assert after.keys() - before.keys() == {BUMP}
    assert after[BUMP]["changedBy"] == "alice"
    assert "3.4.1" in after[BUMP]["after"]


def preview_what_a_release_would_do(alice: Caller) -> None:
    """The three diffs, before there is a release."""
    preview = alice.post(f"{STAGING}/preview").body

    assert preview["rendering"]["state"] == "ready", preview["rendering"]["errors"]
    plain, plain_text = diff(alice, preview["diffs"]["plain"])
    resolved, resolved_text = diff(alice, preview["diffs"]["resolved"])
    manifest, manifest_text = diff(alice, preview["diffs"]["manifest"])
    assert "{{hq.var.PAYMENT_TIMEOUT}}" in plain_text
    assert "workloads/mailer/values.yaml" not in plain
    assert "workloads/mailer/values.yaml" in resolved, "a variable of all reaches it"
    assert "+  LOGO_URL: https://edge.shop.example/mail/logo.png" in resolved_text
    assert "mailer/configmap-mailer-settings.yaml" in manifest
    assert '+  PAYMENT_TIMEOUT_SECONDS: "45"' in manifest_text


def release_all_but_the_bump(alice: Caller) -> dict:
    """What uses a variable cannot go without it; what is left out stays pending."""
    chosen = [row for place, row in pending(alice).items() if place != BUMP]
    timeout = next(row for row in chosen if row["object"] == "PAYMENT_TIMEOUT")
    user = next(row for row in chosen if timeout["id"] in row["dependsOn"])
    without = [row["id"] for row in chosen if row != timeout]

    refused = alice.post(f"{SHOP}/releases", **WORDS, changeIds=without)
    revisions = [f"{row['id']}@{row['revision']}" for row in chosen]
    made = alice.post(f"{SHOP}/releases", **WORDS, changeIds=revisions)

    assert (refused.status, refused.code) == (422, "missing_dependency")
    assert "PAYMENT_TIMEOUT" in refused.body["detail"]
    assert refused.body["details"]["missing"] == {user["id"]: [timeout["id"]]}
    assert made.status == 201, made.body
    assert made.body["state"] == "pending_approval"
    assert made.body["rendering"]["state"] == "ready"
    assert made.body["approvals"] == {"current": 0, "required": 1, "votes": []}
    assert made.body["changeCount"] == len(chosen)
    assert [place for place, row in pending(alice).items() if not row["claimedBy"]] == [
        BUMP
    ]
    return dict(made.body)


def be_refused_to_approve_it(alice: Caller, release: dict) -> None:
    """Neither its author nor a program can approve it; bob and carol can."""
    address = address_of(release)
    able = alice.get(f"{address}/eligible-approvers").body["items"]

    own = alice.post(f"{address}/approve", digest=release["digest"])
    robot = program(token_of("bob", "releases:write")).post(f"{address}/approve")
    early = alice.post(f"{address}/deploy")

    assert {row["user"] for row in able if row["eligible"]} == {"bob", "carol"}
    assert (own.status, own.code) == (403, "permission_denied")
    assert (robot.status, robot.code) == (403, "not_eligible")
    assert (early.status, early.code) == (400, "release_not_deployable")
    assert early.body["detail"] == "release cannot be deployed in its current status"


def approve_it_from_the_inbox(bob: Caller, release: dict) -> None:
    inbox = bob.get("approvals?eligible=true").body["items"]
    [row] = [row for row in inbox if WORDS["title"] in row["title"]]
    assert row["target"] == "acme/staging"
    assert sum(row["summary"].values()) == release["changeCount"]

    done = bob.post(f"approvals/{row['id']}/approve", digest=row["digest"])

    assert done.status == 200, done.body
    assert bob.get(address_of(release)).body["state"] == "approved"


def deploy_it(alice: Caller, release: dict) -> dict:
    pressed = alice.post(f"{address_of(release)}/deploy")

    assert pressed.status == 202, pressed.body
    done = alice.get(address_of(release)).body
    assert done["state"] == "deployed", done["failure"]
    assert done["deployedBy"] == "alice"
    return dict(done)


def clone_it(alice: Caller, release: dict, address: str, folder) -> None:
    """What was approved is what stock ``git`` clones, object for object."""
    sha, clone = release["commit"]["sha"], folder / "clone"
    _, shown_to_bob = diff(alice, f"{address_of(release)}/diffs/manifest")

    git(folder, "clone", "--quiet", address, clone)

    assert git(clone, "rev-parse", "HEAD").strip() == sha
    tree = git(clone, "rev-parse", f"{sha}:acme/staging").strip()
    assert tree == release["rendering"]["tree"]
    committed = git(clone, "diff", "--relative=acme/staging", f"{sha}~1", sha)
    assert added_by(shown_to_bob) == added_by(committed)
    record = json.loads(git(clone, "show", f"{sha}:.gitopshq/acme/staging.json"))
    assert record["digest"] == release["digest"]
    check_message(git(clone, "log", "-1", "--format=%an%n%B"), release)
    trailers = git(clone, "log", "-1", "--format=%(trailers:unfold)").splitlines()
    assert "Release-Id: made/up" not in trailers, "notes cannot pass for trailers"


def check_message(shown: str, release: dict) -> None:
    name = release["name"]
    subject = f"alice\nrelease(acme/staging): {name} {WORDS['title']}\n"
    assert shown.startswith(subject)
    for line in (
        f"Release-Id: shop/{name}",
        "Release-Author: alice",
        "Release-Approved-By: bob",
        "Release-Deployed-By: alice",
        f"Source-Commit: {release['baselineSourceSha']}",
        f"Release-Digest: {release['digest']}",
        "Release-Ticket: SHOP-130",
        " Release-Id: made/up",
    ):
        assert f"\n{line}" in shown
    assert re.search(r"\nRelease-Timestamp: \d{4}-\d\d-\d\dT[\d:]+Z\n", shown)


def approve_the_release_in_prod(people: dict[str, Caller]) -> str:
    """Two votes; the author may not deploy it herself. Returns its address."""
    alice, bob, carol = people["alice"], people["bob"], people["carol"]
    found = alice.get(f"{SHOP}/releases?state=pending_approval").body["items"]
    place = {"tenant": "acme", "environment": "prod"}
    [waiting] = [row for row in found if place.items() <= row["target"].items()]
    address = address_of(waiting)

    assert vote(bob, address).status == 200
    twice, approved = vote(bob, address), vote(carol, address)
    own = alice.post(f"{address}/deploy")

    assert (twice.status, twice.code) == (409, "already_voted")
    assert approved.body["state"] == "approved"
    assert (own.status, own.code) == (403, "self_deploy_blocked")
    assert own.body["detail"] == "release requester cannot deploy approved release"
    return address


def meet_a_freeze(root: Caller, address: str) -> None:
    """A freeze holds for the operator too, who sees it as the only red gate."""
    freeze = f"{SHOP}/environments/prod/freeze"
    until = f"{timezone.now() + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"

    unexplained = root.post(freeze)
    frozen = root.post(freeze, reason="Sale on Thursday", until=until)
    refused = root.post(f"{address}/deploy")
    gates = root.get(f"{address}/gates").body["items"]
    thawed = root.delete(freeze)

    assert (unexplained.status, unexplained.code) == (400, "reason_required")
    assert frozen.status in {200, 201}, frozen.body
    assert (refused.status, refused.code) == (423, "environment_frozen")
    assert refused.body["detail"] == "environment is frozen"
    assert refused.body["details"]["reason"] == "Sale on Thursday"
    assert datetime.fromisoformat(refused.body["details"]["until"]) == (
        datetime.fromisoformat(until)
    )
    assert {row["name"] for row in gates if row["verdict"] != "pass"} == {"freeze"}
    assert thawed.status in {200, 204}


def meet_an_edit(people: dict[str, Caller], address: str) -> None:
    """An edit overtakes it; refreshed, it is what was voted for: the votes stand."""
    alice, root = people["alice"], people["root"]
    place = {"scope": "env", "environment": "prod"}
    value = "https://payments.example/v3"

    edited = alice.put(f"{SHOP}/variables", **place, key="PAYMENT_URL", value=value)
    stale = root.get(address).body
    refused = root.post(f"{address}/deploy")
    fresh = alice.post(f"{address}/refresh")
    pressed = root.post(f"{address}/deploy")

    assert edited.status in {200, 201}, edited.body
    assert stale["stale"] is True
    assert (refused.status, refused.code) == (409, "stale_release_source")
    details = refused.body["details"]
    assert details["baselineSourceSha"] == stale["baselineSourceSha"]
    assert details["currentSourceSha"] != details["baselineSourceSha"]
    assert "alice" in json.dumps(details), "it says by whom"
    assert fresh.status == 200, fresh.body
    assert (fresh.body["stale"], fresh.body["state"]) == (False, "approved")
    assert fresh.body["approvals"]["current"] == 2
    assert pressed.status == 202, pressed.body
    assert root.get(address).body["state"] == "deployed"


def refresh_a_release_of_everything(alice: Caller) -> None:
    """It picks the edit up, so its vote was for something else."""
    query = "state=approved&tenant=globex&environment=staging"
    [overtaken] = alice.get(f"{SHOP}/releases?{query}").body["items"]
    assert overtaken["stale"] is True

    renewed = alice.post(f"{address_of(overtaken)}/refresh").body

    assert renewed["state"] == "pending_approval"
    assert renewed["approvals"]["current"] == 0
    assert renewed["changeCount"] > overtaken["changeCount"]


def read_the_trail(root: Caller) -> None:
    """All of it stands there, the refusals too, and it is whole."""
    found = root.get("audit?project=shop&event=release.deploy_refused&limit=200")
    said = json.dumps(found.body["items"])

    codes = ("self_deploy_blocked", "environment_frozen", "stale_release_source")
    assert [code for code in codes if code not in said] == []
    assert root.get("audit/verify").body["ok"] is True


def pending(caller: Caller) -> dict:
    """Return what waits in acme/staging, by object and path."""
    found = caller.get(f"{STAGING}/pending-changes")
    assert found.status == 200, found.body
    rows = [row for group in found.body["groups"] for row in group["changes"]]
    return {(row["object"], row["path"]): row for row in rows}


def diff(caller: Caller, address: str) -> tuple[dict, str]:
    """Return one of the three diffs: its files, and its text as ``diff -u`` has it."""
    path = address.removeprefix("/api/v1/")
    files = {row["path"]: row for row in caller.get(path).body["files"]}
    return files, caller.get(path, accept="text/x-diff").body


def vote(caller: Caller, address: str):
    """Vote for a release as it is shown to the caller."""
    digest = caller.get(address).body["digest"]
    return caller.post(f"{address}/approve", digest=digest, comment="Seen all three.")


def address_of(release: dict) -> str:
    return f"{SHOP}/releases/{release['number']}"


def token_of(name: str, *scopes: str) -> str:
    owner = User.objects.get(username=name)
    return tokens.issue_token(owner, name=name, scopes=scopes, actor=owner)[1]


def clone_address(letter: str, live_server) -> str:
    """Return the address of the letter, at the server of the test."""
    [shown] = re.findall(r"git clone (\S+)", letter)
    return shown.replace("127.0.0.1:8000", live_server.url.removeprefix("http://"))


def added_by(text: str) -> list[str]:
    """Return the lines that a diff adds, sorted: what stands around them may differ."""
    lines = text.splitlines()
    return sorted(line for line in lines if re.match(r"\+(?!\+\+ )", line))


def git(folder, *args) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *args], check=True, capture_output=True, text=True
    )
    return done.stdout
