"""Deploying: the guard chain in its order, and what a deploy writes down."""

import pytest

from approvals.errors import ThresholdNotMet
from environments import actions as environments
from environments.permissions import Role
from gitopshq.core.errors import DomainError, InvalidState, NotPermitted
from gitopshq.core.models import AuditEntry
from releases import actions, errors
from releases.locking import fresh
from releases.models import AttemptState, Status
from releases.pending import pool_of
from tests import make
from tests.releases.chain import CHAIN
from tests.releases.conftest import flag_files

DENIES = {"violations": [{"enforcement": "deny", "msg": "no latest tags"}]}


def picked(target, name):
    """Return the id of the pending change of one manifest binding."""
    return [row.change.id for row in pool_of(target).rows if row.change.object == name]


def test_the_gates_answer_in_their_order(
    shop, edit, create, approve, deploy, do, alice, bob, dora
):
    """S93, S105, S116: every later gate is red too; curing one shows the next."""
    make.environment(shop, "prod", required_approvals=1, block_self_deploy=True)
    prod = make.target(shop, environment="prod")
    edit(prod, "first")
    edit(prod, "mine")
    other = approve(create(prod, change_ids=picked(prod, "first")))
    mine = create(
        prod, change_ids=picked(prod, "mine"), content={"policy_snapshot": DENIES}
    )
    actions.deploy_release(other, actor=dora)
    edit(prod, "mine", fast="9")
    do(environments.freeze, prod.environment, reason="fair", until=None, actor=None)

    def refusal(actor):
        with pytest.raises(DomainError) as caught:
            actions.deploy_release(fresh(mine.pk), actor=actor)
        return type(caught.value)

    assert refusal(alice) is NotPermitted
    do(environments.grant_role, shop, to=alice, role=Role.DEPLOYER, actor=None)
    assert refusal(alice) is errors.NotDeployable
    approve(mine)
    environments.revoke_access(shop, of=bob, actor=None)
    assert refusal(alice) is errors.RequesterCannotDeploy
    assert refusal(dora) is errors.EnvironmentFrozen
    do(environments.unfreeze, prod.environment, actor=None)
    assert refusal(dora) is errors.StaleSource
    # Nobody is rung: a worker would send the release back for lack of votes.
    files = flag_files("mine")
    environments.put_manifests(prod, name="mine", files=files, actor=None)
    assert refusal(dora) is ThresholdNotMet
    do(environments.grant_role, shop, to=bob, role=Role.APPROVER, actor=None)
    assert refusal(dora) is errors.PolicyViolation
    do(actions.refresh_release, fresh(mine.pk), actor=alice, policy_snapshot=None)
    approve(mine)
    assert refusal(dora) is errors.DeployInProgress


def test_only_an_approved_release_is_deployed(shipped, dev, dora):
    """S2, S94: the text of the error table, from every other state."""
    release = shipped(dev)
    said = "release cannot be deployed in its current status"

    for status in [s for s in Status if s != Status.APPROVED]:
        type(release).objects.update(status=status, cancel_kind="cancelled")
        with pytest.raises(errors.NotDeployable, match=f"^{said}$") as refusal:
            actions.deploy_release(release, actor=dora)
        assert refusal.value.code == "release_not_deployable"


@pytest.fixture
def guarded(shop):
    """Needs one approval, and its requester must not deploy."""
    make.environment(shop, "guarded", required_approvals=1, block_self_deploy=True)
    return make.target(shop, environment="guarded")


@pytest.fixture
def deploying_alice(shop, alice, do):
    do(environments.grant_role, shop, to=alice, role=Role.DEPLOYER, actor=None)
    return alice


def test_the_requester_is_kept_from_deploying(guarded, approved, deploying_alice):
    """S95: where the environment blocks it."""
    release = approved(guarded)

    with pytest.raises(errors.RequesterCannotDeploy) as refusal:
        actions.deploy_release(release, actor=deploying_alice)

    assert str(refusal.value) == "release requester cannot deploy approved release"


def test_the_requesters_robot_is_kept_from_deploying_too(
    guarded, approved, alice, shop
):
    """S95: a service account is its owner."""
    robot = make.service_account(of=alice, role=Role.DEPLOYER, on=shop)
    release = approved(guarded)

    with pytest.raises(errors.RequesterCannotDeploy):
        actions.deploy_release(release, actor=robot)


def test_the_requester_deploys_where_that_is_open(
    prod, approved, deploying_alice, deploy
):
    """S50: a matter of the environment."""
    release = deploy(approved(prod), actor=deploying_alice)

    assert (release.status, release.deployed_by) == (Status.DEPLOYED, deploying_alice)


def test_a_frozen_environment_takes_no_deploy(prod, approved, do, dora):
    """S98, S122: 423 with name, reason and end."""
    release = approved(prod)
    do(environments.freeze, prod.environment, reason="fair", actor=None)

    with pytest.raises(errors.EnvironmentFrozen) as refusal:
        actions.deploy_release(release, actor=dora)

    assert str(refusal.value) == "environment is frozen"
    assert refusal.value.details == {
        "name": "freeze of prod",
        "reason": "fair",
        "until": None,
    }
    assert refusal.value.sentence == (
        "Environment prod is frozen by “fair” — deploys resume when it is lifted"
    )


def test_too_few_votes_are_counted_in_the_refusal(prod, approved, shop, bob, dora):
    """S96: the vote of somebody who may no longer vote does not count."""
    release = approved(prod)
    environments.revoke_access(shop, of=bob, actor=None)

    with pytest.raises(ThresholdNotMet) as refusal:
        actions.deploy_release(release, actor=dora)

    said = "release does not meet approval threshold: 0/1"
    assert (str(refusal.value), refusal.value.code) == (
        said,
        "approval_threshold_not_met",
    )


def test_a_stale_release_is_refused_with_both_commits(prod, approved, edit, dora):
    """S61, S97: what moved, and between which commits of source."""
    release = approved(prod)
    edit(prod, fast="2", actor=None)

    with pytest.raises(errors.StaleSource) as refusal:
        actions.deploy_release(fresh(release.pk), actor=dora)

    details = refusal.value.details
    assert refusal.value.code == "stale_release_source"
    assert details["baselineSourceSha"] == release.baseline_source_sha
    assert len(details["currentSourceSha"]) == 40
    assert details["currentSourceSha"] != details["baselineSourceSha"]
    assert any("flags" in moved for moved in details["moved"])


def test_a_client_policy_that_denies_stops_the_deploy_alone(prod, approved, dora):
    """S8, S128: kept at creation, heard at the gate."""
    release = approved(prod, content={"policy_snapshot": DENIES})

    with pytest.raises(errors.PolicyViolation, match="no latest tags"):
        actions.deploy_release(release, actor=dora)


def test_deploying_needs_its_own_right(prod, approved, bob, alice):
    """S90, S93: neither who made it nor who approved it, without the right."""
    release = approved(prod)

    for person in (alice, bob):
        with pytest.raises(NotPermitted, match=r"releases\.deploy"):
            actions.deploy_release(release, actor=person)


def test_a_refused_deploy_changes_nothing(prod, approved, bob):
    release = approved(prod)

    with pytest.raises(NotPermitted):
        actions.deploy_release(release, actor=bob)

    assert fresh(release.pk).status == Status.APPROVED
    assert not release.attempts.exists()


def test_pressing_deploy_writes_the_job_and_the_gates_down(prod, approved, dora):
    """S67, S126, S121: a job in the database; the worker is rung on commit."""
    release = actions.deploy_release(approved(prod), actor=dora)

    attempt = release.attempts.get()
    assert release.status == Status.DEPLOYING
    assert (attempt.state, attempt.requested_by) == (AttemptState.WAITING, dora)
    assert [gate["name"] for gate in attempt.gates] == CHAIN
    assert {gate["verdict"] for gate in attempt.gates} == {"pass"}
    assert AuditEntry.objects.get(event="release.deploy_requested").actor == dora


def test_while_it_deploys_nothing_else_is_taken(prod, approved, alice, bob, dora):
    """S15: no user action is accepted."""
    release = actions.deploy_release(approved(prod), actor=dora)

    for step in (
        actions.submit_release,
        actions.cancel_release,
        actions.refresh_release,
        actions.recreate_release,
    ):
        with pytest.raises(InvalidState):
            step(fresh(release.pk), actor=alice)


def test_nobody_deploys_a_release_that_was_never_approved(prod, edit, create, dora):
    """S2, S121: creating executes nothing."""
    edit(prod)
    release = create(prod)

    with pytest.raises(errors.NotDeployable):
        actions.deploy_release(release, actor=dora)

    assert not release.attempts.exists()
