"""No single person takes a change to production: three do, and no shortcut is open."""

import pytest
from django.contrib.auth.models import Group
from guardian.shortcuts import assign_perm

from approvals.models import ApprovalDecision
from environments import actions as environments
from environments.permissions import Permission, Role
from gitopshq.core import departing
from gitopshq.core.models import AuditEntry
from releases.locking import fresh
from releases.models import Status
from tests import make
from tests.people import signed_in, with_token
from tests.releases.asking import RELEASES
from tests.releases.conftest import flag_files

MEMBERS = "/api/v1/projects/shop/members"
POLICY = "/api/v1/projects/shop/environments/prod/policy"
NEW = {"tenant": "acme", "environment": "prod", "title": "Change flags"}


@pytest.fixture
def prod(shop):
    """Needs one approval, and somebody else to deploy."""
    make.environment(shop, "prod", required_approvals=1, block_self_deploy=True)
    return make.target(shop, environment="prod")


@pytest.fixture
def solo(shop):
    """May everything there is, alone."""
    return make.user("solo", role=Role.MAINTAINER, on=shop)


@pytest.fixture
def pending(edit, create, prod, solo):
    """A release by solo that waits for a vote."""
    edit(prod)
    return create(prod, actor=solo)


def at(release, verb):
    return f"{RELEASES}/{release.number}/{verb}"


def vote(client, release):
    body = {"digest": fresh(release.pk).digest}
    return client.post(at(release, "approve"), body, format="json")


def refused(response, code):
    assert (response.status_code, response.json()["code"]) == (403, code)


def test_three_people_take_a_change_to_production(do, edit, alice, bob, dora, prod):
    """S88: S89: S90: S93: each does their part, and none of them another's."""
    edit(prod)
    author, approver, deployer = map(signed_in, (alice, bob, dora))

    for other in (approver, deployer):
        refused(other.post(RELEASES, NEW, format="json"), "permission_denied")
    number = do(author.post, RELEASES, NEW, format="json").json()["number"]
    here = f"{RELEASES}/{number}"
    digest = {"digest": author.get(here).json()["digest"]}

    for other in (author, deployer):
        refused(
            other.post(f"{here}/approve", digest, format="json"), "permission_denied"
        )
    do(approver.post, f"{here}/approve", digest, format="json")

    for other in (author, approver):
        refused(other.post(f"{here}/deploy"), "permission_denied")
    assert do(deployer.post, f"{here}/deploy").status_code == 202

    shown = author.get(here).json()
    assert shown["state"] == "deployed"
    assert (shown["author"], shown["deployedBy"]) == ("alice", "dora")


@pytest.mark.parametrize("by", ["oneself", "a group", "an inbox"])
def test_who_made_it_does_not_approve_it(pending, shop, solo, by):
    """S93: whatever gave them the vote."""
    if by == "a group":
        team = Group.objects.create(name="approvers")
        solo.groups.add(team)
        environments.grant_role(shop, to=team, role=Role.APPROVER, actor=None)
    client = signed_in(solo)
    if by == "an inbox":
        [row] = client.get("/api/v1/approvals").json()["items"]
        body = {"digest": row["digest"]}
        answer = client.post(f"/api/v1/approvals/{row['id']}/approve", body)
        refused(answer, "self_approval_blocked")
        return

    refused(vote(client, pending), "self_approval_blocked")


def test_no_token_votes(pending, solo, bob):
    """S93: neither the author's nor an approver's; neither that of a robot."""
    robot = make.service_account(of=solo)
    assign_perm(Permission.VIEW_RELEASE.codename, robot, pending.target.environment)
    assign_perm(Permission.APPROVE_RELEASE.codename, robot, pending.target.environment)
    for owner in (solo, bob, robot):
        refused(vote(with_token(owner), pending), "not_eligible")
    refused(vote(signed_in(robot), pending), "not_eligible")

    assert not ApprovalDecision.objects.exists()


def test_a_superuser_does_not_vote_without_a_grant(pending):
    """S93: ``is_superuser`` is no vote."""
    root = make.user("root", is_superuser=True)

    refused(vote(signed_in(root), pending), "permission_denied")


def test_who_edits_or_refreshes_does_not_vote_then(do, create, prod, solo, shop):
    """S93: a co-author by the back door stays one."""
    sly = make.user("sly", role=Role.MAINTAINER, on=shop)
    do(
        environments.put_manifests,
        prod,
        name="flags",
        files=flag_files("flags"),
        actor=sly,
    )
    release = create(prod, actor=solo)
    refused(vote(signed_in(sly), release), "self_approval_blocked")

    eve = make.user("eve", role=Role.MAINTAINER, on=shop)
    do(signed_in(eve).post, at(release, "refresh"), {}, format="json")
    refused(vote(signed_in(eve), release), "self_approval_blocked")


def test_nobody_makes_themselves_more(solo, shop, bob):
    """S93: not oneself, not a group one is in, not a robot of one's own."""
    team = Group.objects.create(name="team")
    solo.groups.add(team)
    robot = make.service_account(of=solo)
    client = signed_in(solo)

    for whom in (
        {"user": "solo"},
        {"group": "team"},
        {"user": robot.username},
    ):
        body = {**whom, "role": "approver"}
        refused(client.post(MEMBERS, body, format="json"), "permission_denied")
        token = with_token(solo)
        refused(token.post(MEMBERS, body, format="json"), "permission_denied")
    body = {"user": "bob", "role": "approver"}
    assert client.post(MEMBERS, body, format="json").status_code == 201


def test_who_made_it_does_not_deploy_it(do, pending, approve, solo):
    """S93: nor does a token of theirs."""
    approve(pending)

    for client in (signed_in(solo), with_token(solo)):
        refused(do(client.post, at(pending, "deploy")), "self_deploy_blocked")
    assert fresh(pending.pk).status == Status.APPROVED


def test_loosening_the_policy_opens_nothing_by_itself(
    do, released, pending_after, prod, solo
):
    """S93: the looser policy is a change, approved under the stricter one."""
    client = signed_in(solo)
    released(prod)
    waiting = pending_after()
    loose = {
        "requiredApprovals": 0,
        "blockSelfApproval": False,
        "blockSelfDeploy": False,
        "autoApprove": True,
    }
    assert do(client.patch, POLICY, loose, format="json").status_code == 200

    refused(vote(client, waiting), "self_approval_blocked")
    assert do(client.post, at(waiting, "deploy")).status_code in {400, 403}

    do(client.post, at(waiting, "cancel"), {}, format="json")
    anew = do(client.post, RELEASES, NEW, format="json").json()
    assert anew["state"] == "pending_approval"
    assert anew["approvals"]["required"] == 1


@pytest.fixture
def pending_after(edit, create, prod, solo):
    """Makes a release by solo that waits for a vote."""

    def make_one():
        edit(prod, fast="2")
        return create(prod, actor=solo)

    return make_one


def test_a_vote_ends_with_the_right_to_it(do, approved, prod, shop, bob, dora):
    """S93: asked again when it is deployed."""
    release = approved(prod)
    environments.revoke_access(shop, of=bob, actor=None)

    answer = do(signed_in(dora).post, at(release, "deploy"))

    assert answer.status_code == 409
    assert answer.json()["code"] == "approval_threshold_not_met"


def test_a_vote_ends_with_whoever_gave_it(do, edit, create, approve, shop, bob, cleo):
    """S93: it is voided, the trail says so, and it does not come back with them."""
    target = make.target(
        shop, environment=make.environment(shop, "two", required_approvals=2).slug
    )
    edit(target)
    release = approve(create(target))

    departing.deactivate_user(bob, actor=None)

    [vote_of_bob] = ApprovalDecision.objects.all()
    assert vote_of_bob.void_reason == "the voter left"
    entry = AuditEntry.objects.get(event="approval.votes_voided")
    assert (entry.project, entry.data["voter"]) == ("shop", "bob")
    departing.reactivate_user(bob, actor=None)
    assert approve(release, actor=cleo).status == Status.PENDING_APPROVAL


def test_the_vote_on_what_is_approved_ends_as_well(do, approved, prod, bob, dora):
    """S93: removal between vote and deploy."""
    release = approved(prod)
    departing.deactivate_user(bob, actor=None)

    answer = do(signed_in(dora).post, at(release, "deploy"))

    assert answer.json()["code"] == "approval_threshold_not_met"
