"""The steps of a release over HTTP: each lets through, hides, and refuses."""

import pytest

from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.models import AuditEntry
from releases import actions
from releases.locking import fresh
from releases.models import Release, Status
from tests import make
from tests.people import signed_in, with_token

RELEASE = "/api/v1/projects/shop/releases/1"


@pytest.fixture
def press(do):
    """Post a verb as somebody signed in."""

    def send(person, verb, body=None, *, client=None):
        client = client or signed_in(person)
        return do(client.post, f"{RELEASE}/{verb}", body or {}, format="json")

    return send


def problem(response):
    answer = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code, answer["code"], answer["detail"]


VERBS = [
    "submit",
    "refresh",
    "recreate",
    "cancel",
    "approve",
    "withdraw-vote",
    "complete-approval",
    "reject",
    "deploy",
    "retry",
]


def test_a_stranger_finds_no_step(dev, edit, create, press, stan):
    edit(dev)
    create(dev)

    for verb in VERBS:
        assert press(stan, verb).status_code == 404, verb


def test_no_step_takes_an_unknown_field(prod, edit, create, press, shop):
    """Security.md 9."""
    edit(prod)
    create(prod)
    mona = make.user("mona", role=Role.MAINTAINER, on=shop)

    for verb in VERBS:
        answer = press(mona, verb, {"force": True})
        assert answer.status_code == 422, verb
        assert "/force" in [error["pointer"] for error in answer.json()["errors"]]


def test_the_whole_way_by_people(prod, edit, create, press, alice, bob, dora):
    """S2, S88, S89, S90: three people, four calls, one commit."""
    edit(prod)
    release = create(prod)

    approved = press(bob, "approve", {"digest": release.digest, "comment": "ok"})
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    (vote,) = approved.json()["approvals"]["votes"]
    assert (vote["approver"], vote["comment"], vote["counts"]) == ("bob", "ok", True)
    deployed = press(dora, "deploy")
    assert (deployed.status_code, deployed.json()["state"]) == (202, "deploying")

    shown = signed_in(alice).get(RELEASE).json()
    assert (shown["state"], shown["deployedBy"]) == ("deployed", "dora")
    assert shown["commit"]["branch"] == "main"
    assert len(shown["commit"]["sha"]) == 40
    assert shown["sync"]["state"] == "not_tracked"
    assert [one["action"] for one in shown["allowedActions"] if one["allowed"]] == []


def test_a_draft_is_submitted(dev, edit, create, press, alice):
    edit(dev)
    create(dev)

    answer = press(alice, "submit")

    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    assert problem(press(alice, "submit"))[:2] == (400, "invalid_transition")


def test_a_release_is_cancelled_with_a_reason(prod, edit, create, press, alice, bob):
    edit(prod)
    create(prod)
    assert problem(press(bob, "cancel"))[:2] == (403, "permission_denied")

    answer = press(alice, "cancel", {"reason": "no"}).json()

    assert answer["state"] == "cancelled"
    assert answer["cancelled"]["kind"] == "cancelled"
    assert (answer["cancelled"]["reason"], answer["cancelled"]["by"]) == ("no", "alice")


def test_a_rejection_needs_words(prod, edit, create, press, bob):
    """S11, S81: 400 reason_required, then cancelled with it."""
    edit(prod)
    create(prod)
    for body in ({}, {"reason": " "}):
        assert problem(press(bob, "reject", body))[:2] == (400, "reason_required")

    answer = press(bob, "reject", {"reason": "risky"}).json()

    assert answer["state"] == "cancelled"
    assert (answer["cancelled"]["kind"], answer["cancelled"]["reason"]) == (
        "rejected",
        "risky",
    )


def test_a_token_never_votes(prod, edit, create, press, bob):
    """S89: whatever its scopes, whatever it sends."""
    edit(prod)
    create(prod)
    client = with_token(bob)

    for verb in ("approve", "reject", "withdraw-vote"):
        answer = press(None, verb, client=client)
        assert problem(answer)[:2] == (403, "not_eligible"), verb


def test_a_vote_for_other_content_is_refused(prod, edit, create, press, bob):
    edit(prod)
    create(prod)

    answer = press(bob, "approve", {"digest": "0" * 64})

    assert problem(answer)[:2] == (409, "digest_mismatch")
    assert problem(press(bob, "approve", {}))[:2] == (422, "validation_error")
    entry = AuditEntry.objects.get(event="release.approve_refused")
    assert entry.data["code"] == "digest_mismatch"


def test_a_vote_is_taken_back_and_the_conclusion_refused(
    shop, edit, create, press, bob
):
    make.environment(shop, "two", required_approvals=2)
    target = make.target(shop, environment="two")
    edit(target)
    release = create(target)
    press(bob, "approve", {"digest": release.digest})
    twice = press(bob, "approve", {"digest": release.digest})
    early = press(bob, "complete-approval")
    back = press(bob, "withdraw-vote")

    assert problem(twice)[:2] == (409, "already_voted")
    assert problem(early) == (
        409,
        "approval_threshold_not_met",
        "release does not meet approval threshold: 1/2",
    )
    assert early.json()["details"]["required"] == 2
    assert back.json()["approvals"]["current"] == 0


def test_nobody_votes_on_what_cannot_be_rendered(prod, edit, create, press, bob):
    """S75: every error with file and line."""
    edit(prod, fast="{{hq.var.NOWHERE}}")
    create(prod)

    answer = press(bob, "approve", {"digest": "0" * 64})

    assert problem(answer)[:2] == (422, "variable_unresolved")
    (error,) = answer.json()["errors"]
    assert error["file"].endswith("manifests/flags/fast.yaml")
    assert error["line"] == 6


def test_nobody_votes_while_it_is_rendered(prod, edit, press, alice, bob):
    edit(prod)
    actions.create_release(prod, actor=alice, content=actions.Content(title="x"))

    answer = press(bob, "approve", {"digest": "0" * 64})

    assert problem(answer)[:2] == (409, "rendering_not_ready")


def test_the_error_table_word_for_word(
    prod, edit, create, approve, press, do, shop, bob
):
    """S94, S95, S96, S97, S98: status, code and text of each row."""
    environments.set_policy(
        prod.environment, terms={"block_self_deploy": True}, actor=None
    )
    mia = make.user("mia", role=Role.DEVELOPER, on=shop)
    do(environments.grant_role, shop, to=mia, role=Role.DEPLOYER, actor=None)
    edit(prod)
    release = create(prod, actor=mia)
    dora = make.user("dodo", role=Role.DEPLOYER, on=shop)

    assert problem(press(dora, "deploy")) == (
        400,
        "release_not_deployable",
        "release cannot be deployed in its current status",
    )
    approve(release)
    assert problem(press(mia, "deploy")) == (
        403,
        "self_deploy_blocked",
        "release requester cannot deploy approved release",
    )
    do(environments.freeze, prod.environment, reason="fair", actor=None)
    frozen = press(dora, "deploy")
    assert problem(frozen) == (423, "environment_frozen", "environment is frozen")
    assert frozen.json()["details"] == {
        "name": "freeze of prod",
        "reason": "fair",
        "until": None,
    }
    do(environments.unfreeze, prod.environment, actor=None)
    edit(prod, fast="2")
    stale = press(dora, "deploy")
    assert problem(stale)[:2] == (409, "stale_release_source")
    assert len(stale.json()["details"]["baselineSourceSha"]) == 40
    assert len(stale.json()["details"]["currentSourceSha"]) == 40
    edit(prod)
    environments.revoke_access(shop, of=bob, actor=None)
    assert problem(press(dora, "deploy")) == (
        409,
        "approval_threshold_not_met",
        "release does not meet approval threshold: 0/1",
    )


def test_refused_attempts_are_recorded(prod, edit, create, approve, press, bob, do):
    """S126: 403, 409 and 423 on a release are entries of their own."""
    edit(prod)
    approve(create(prod))

    press(bob, "deploy")

    entry = AuditEntry.objects.get(event="release.deploy_refused")
    assert (entry.actor, entry.data["code"]) == (bob, "permission_denied")


def test_deploying_by_token_needs_its_scope(prod, approved, press, dora):
    approved(prod)

    narrow = press(None, "deploy", client=with_token(dora, scopes=["releases:write"]))
    wide = press(None, "deploy", client=with_token(dora, scopes=["releases:deploy"]))

    assert problem(narrow)[:2] == (403, "permission_denied")
    assert wide.status_code == 202


def test_a_failed_release_is_retried(prod, approved, press, dora):
    release = approved(prod)
    Release.objects.filter(pk=release.pk).update(
        status=Status.FAILED, failure_type="git_conflict", failure_detail="moved"
    )
    shown = signed_in(dora).get(RELEASE).json()
    assert shown["failure"] == {"type": "git_conflict", "detail": "moved"}

    answer = press(dora, "retry")

    assert answer.status_code == 202
    assert fresh(release.pk).status == Status.DEPLOYED
    assert problem(press(dora, "retry"))[:2] == (400, "invalid_transition")


def test_refresh_takes_a_new_policy(prod, approved, press, alice):
    approved(prod)

    answer = press(alice, "refresh", {"policySnapshotJson": {"ok": True}}).json()

    assert answer["policySnapshotJson"] == {"ok": True}
    assert answer["state"] == "pending_approval"


def test_recreate_answers_with_the_new_release(prod, edit, create, press, alice):
    edit(prod)
    create(prod)

    answer = press(alice, "recreate")

    assert (answer.status_code, answer.json()["name"]) == (201, "R-2")
    shown = signed_in(alice).get(RELEASE).json()
    assert shown["cancelled"]["kind"] == "recreated"
